"""Checkpoints of released codes as mmalm's own."""

from .convert import METHODS, convert
from .released import read_released

__all__ = ['METHODS', 'convert', 'read_released']
