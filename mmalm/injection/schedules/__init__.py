"""Schedules: which perceptual token enters or leaves the language model, or is attended to, before which layer."""

from .base import Schedule
from .cross_attend import CrossAttend
from .explicit import ExplicitSchedule
from .layerwise_replace import LayerwiseReplace
from .single_layer import InputPrefix, SingleLayer

__all__ = ['CrossAttend', 'ExplicitSchedule', 'InputPrefix', 'LayerwiseReplace', 'Schedule', 'SingleLayer']
