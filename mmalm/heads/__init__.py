"""Heads: what turns language-model states into a loss or a prediction."""

from .generation import GenerationHead

__all__ = ['GenerationHead']
