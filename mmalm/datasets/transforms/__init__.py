"""Transforms: a picture, clip or sound in, the tensor an encoder expects out."""

from .audio_transform import AudioTransform
from .image_transform import ImageTransform
from .video_transform import VideoTransform

__all__ = ['AudioTransform', 'ImageTransform', 'VideoTransform']
