"""Transforms: a picture in, the tensor an encoder expects out."""

from .image_transform import ImageTransform

__all__ = ['ImageTransform']
