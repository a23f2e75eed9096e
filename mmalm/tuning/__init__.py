"""Parameter-efficient additions to frozen models, and the whitelist of what trains."""

from .soft_prompt import SoftPrompt

__all__ = ['SoftPrompt']
