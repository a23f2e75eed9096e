"""Data sets, their transforms, and what stands between them and a model."""

from .asterisk import AsteriskSpeechDataset
from .audiocaps import AudioCapsDataset
from .clotho import ClothoDataset
from .coco_captions import CocoCaptionDataset
from .collate import collate
from .feature_cache import CachedFeatures, FeatureCache
from .gqa import GQADataset
from .jsonl import JsonlDataset
from .mixed import MixedDataset
from .moving_stamps import MovingStampsDataset
from .msrvtt_captions import MSRVTTCaptionDataset
from .nocaps import NoCapsDataset
from .scienceqa import ScienceQADataset
from .snli_ve import SNLIVEDataset
from .stamp_sounds import StampSoundsDataset
from .stamps import StampsDataset
from .video_qa import MSRVTTQADataset, MSVDQADataset
from .vqa_adapter import VLAdapterVQADataset
from .vqa_v2 import VQAv2Dataset

__all__ = [
    'AsteriskSpeechDataset',
    'AudioCapsDataset',
    'CachedFeatures',
    'ClothoDataset',
    'CocoCaptionDataset',
    'FeatureCache',
    'GQADataset',
    'JsonlDataset',
    'MSRVTTCaptionDataset',
    'MSRVTTQADataset',
    'MSVDQADataset',
    'MixedDataset',
    'MovingStampsDataset',
    'NoCapsDataset',
    'SNLIVEDataset',
    'ScienceQADataset',
    'StampSoundsDataset',
    'StampsDataset',
    'VLAdapterVQADataset',
    'VQAv2Dataset',
    'collate',
]
