"""Language models: unmodified transformers models, wrapped."""

from . import bert, gpt2, llama, opt, t5  # noqa: F401  (each registers its kind)
from .base import LanguageModel
from .causal_lm import CausalLM
from .encoder_lm import EncoderLM
from .kinds import anatomy_of
from .seq2seq_lm import Seq2SeqLM

__all__ = ['CausalLM', 'EncoderLM', 'LanguageModel', 'Seq2SeqLM', 'anatomy_of']
