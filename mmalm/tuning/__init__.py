"""Parameter-efficient additions to frozen models, and the whitelist of what trains."""

from .deep_prompt import DeepPrompt
from .soft_prompt import SoftPrompt

__all__ = ['DeepPrompt', 'SoftPrompt']
