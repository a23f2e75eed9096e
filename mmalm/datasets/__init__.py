"""Data sets, their transforms, and what stands between them and a model."""

from .collate import collate
from .feature_cache import CachedFeatures, FeatureCache

__all__ = ['CachedFeatures', 'FeatureCache', 'collate']
