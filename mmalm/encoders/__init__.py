"""Frozen encoders: pictures, clips or sound in, :class:`Perception` out."""

from .ast import ASTEncoder
from .audio_preprocessing import AudioPreprocessing
from .base import Encoder
from .frame_encoder import FrameEncoder
from .layout import TokenLayout
from .perception import Perception
from .preprocessing import Preprocessing
from .timesformer import TimesformerEncoder
from .timm_encoder import TimmEncoder
from .transformers_encoder import TransformersEncoder
from .video_preprocessing import VideoPreprocessing
from .whisper import WhisperEncoder

__all__ = [
    'ASTEncoder',
    'AudioPreprocessing',
    'Encoder',
    'FrameEncoder',
    'Perception',
    'Preprocessing',
    'TimesformerEncoder',
    'TimmEncoder',
    'TokenLayout',
    'TransformersEncoder',
    'VideoPreprocessing',
    'WhisperEncoder',
]
