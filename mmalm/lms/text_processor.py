"""Rules of generation that look at the text so far, kept from looking at padding and at the soft prompt.

Legend: B batch, L columns before generation, V vocabulary.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
)

PROCESSORS = {
    'repetition_penalty': RepetitionPenaltyLogitsProcessor,
    'no_repeat_ngram_size': NoRepeatNGramLogitsProcessor,
}


class OverText(LogitsProcessor):
    """Hands each row of a batch to another processor without the columns that stand for nothing.

    Args:
        processor: transformers' own.
        real: ``[B, L]`` bool, False at padding and at the soft prompt's place-holders; what comes after is real.
    """

    def __init__(self, processor: LogitsProcessor, real: Tensor):
        self.processor, self.real = processor, real

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores ``[B', V]`` of ``input_ids [B', L + new]``, a sample's rows side by side."""
        real = self.real.repeat_interleave(len(input_ids) // len(self.real), dim=0)
        texts = [torch.cat([ids[: len(row)][row], ids[len(row) :]]) for ids, row in zip(input_ids, real, strict=True)]
        processed = [self.processor(text[None], row[None]) for text, row in zip(texts, scores, strict=True)]
        return torch.cat(processed)


def over_text(options: Mapping[str, Any], real: Tensor) -> dict[str, Any]:
    """Options of ``generate`` in which those that look at the text look at real tokens alone."""
    kept = {name: value for name, value in options.items() if name not in PROCESSORS}
    asked = [OverText(PROCESSORS[name](options[name]), real) for name in PROCESSORS if options.get(name)]
    return (
        {**kept, 'logits_processor': LogitsProcessorList([*asked, *kept.get('logits_processor', ())])}
        if asked
        else kept
    )
