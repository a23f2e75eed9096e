"""SmolLM2-135M-Instruct from a 4-bit GGUF file, as ordinary float32 weights."""

from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def convert(member: Path, folder: Path) -> None:
    """Write a transformers folder of a ``LlamaForCausalLM`` and its tokenizer from the GGUF file ``member``."""
    model = AutoModelForCausalLM.from_pretrained(member.parent, gguf_file=member.name, dtype=torch.float32)
    # the weights are ordinary numbers now; transformers would refuse to save them as long as these say otherwise
    model.hf_quantizer = None
    model.is_quantized = False
    model.quantization_method = None
    if hasattr(model.config, 'quantization_config'):
        del model.config.quantization_config
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(member.parent, gguf_file=member.name).save_pretrained(folder)
