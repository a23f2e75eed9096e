"""Schedules: which perceptual token enters or leaves the language model before which layer."""

from .base import Schedule
from .explicit import ExplicitSchedule
from .layerwise_replace import LayerwiseReplace
from .single_layer import InputPrefix, SingleLayer

__all__ = ['ExplicitSchedule', 'InputPrefix', 'LayerwiseReplace', 'Schedule', 'SingleLayer']
