"""Data sets, their transforms, and what stands between them and a model."""

from .collate import collate
from .feature_cache import CachedFeatures, FeatureCache
from .stamps import StampsDataset

__all__ = ['CachedFeatures', 'FeatureCache', 'StampsDataset', 'collate']
