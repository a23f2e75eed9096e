"""Models: compositions of encoders, connectors, schedules, language models and heads."""

from .adaptation import Adaptation
from .augmented_lm import AugmentedLM
from .multimodal_lm import MultimodalLM

__all__ = ['Adaptation', 'AugmentedLM', 'MultimodalLM']
