"""Language models shrunk for dry runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from ..shrinking import shrink_widths
from .tiny_tokenizer import write_byte_tokenizer


def save_tiny_causal_lm(facts: Mapping[str, Any], folder: Path) -> None:
    """Save a model with tiny widths and random weights, and a byte tokenizer, as a hub model is saved.

    Args:
        facts: the real model's configuration, as ``config.to_dict()`` gives it.
        folder: where weights, configuration and tokenizer are written.
    """
    small = shrink_widths(facts)
    small |= write_byte_tokenizer(folder, small)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**small), dtype=torch.float32)
    model.generation_config.eos_token_id = None  # transformers refuses to save ids that contradict the configuration's
    model.save_pretrained(folder)
