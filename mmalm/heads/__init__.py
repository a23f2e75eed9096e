"""Heads: what turns language-model states into a loss or a prediction."""

from .classification import ClassificationHead
from .generation import GenerationHead

__all__ = ['ClassificationHead', 'GenerationHead']
