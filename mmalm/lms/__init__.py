"""Language models: unmodified transformers models, wrapped."""

from . import gpt2, llama, opt  # noqa: F401  (each registers its kind)
from .causal_lm import CausalLM
from .kinds import anatomy_of

__all__ = ['CausalLM', 'anatomy_of']
