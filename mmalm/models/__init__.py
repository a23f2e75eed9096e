"""Models: compositions of encoders, connectors, schedules, language models and heads."""

from .augmented_lm import AugmentedLM

__all__ = ['AugmentedLM']
