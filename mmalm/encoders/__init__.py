"""Frozen encoders: pictures in, :class:`Perception` out."""

from .base import Encoder
from .layout import TokenLayout
from .perception import Perception
from .preprocessing import Preprocessing
from .timm_encoder import TimmEncoder
from .transformers_encoder import TransformersEncoder

__all__ = ['Encoder', 'Perception', 'Preprocessing', 'TimmEncoder', 'TokenLayout', 'TransformersEncoder']
