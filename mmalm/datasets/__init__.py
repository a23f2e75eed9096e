"""Data sets, their transforms, and what stands between them and a model."""

from .collate import collate
from .feature_cache import CachedFeatures, FeatureCache
from .jsonl import JsonlDataset
from .stamps import StampsDataset
from .vqa_adapter import VLAdapterVQADataset
from .vqa_v2 import VQAv2Dataset

__all__ = [
    'CachedFeatures',
    'FeatureCache',
    'JsonlDataset',
    'StampsDataset',
    'VLAdapterVQADataset',
    'VQAv2Dataset',
    'collate',
]
