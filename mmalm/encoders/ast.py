"""The Audio Spectrogram Transformer as a frozen encoder (AST, arXiv 2104.01778), as eP-ALM uses it (arXiv 2303.11403)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from ..registry import ENCODERS, Bound
from ..shrinking import shrink_widths
from .audio_encoder import AudioEncoder
from .audio_preprocessing import AudioPreprocessing
from .base import Reading
from .shrinking import on_meta

# of AudioSet's spectrograms (AST's code and its models' preprocessor_config.json)
STATISTICS = {'mean': -4.2677393, 'std': 4.5689974}
RATE = 16_000  # Hz
# in front of the patches: CLS and the distillation token
PREFIX = 2


@ENCODERS.register_module()
class ASTEncoder(AudioEncoder):
    """The last K blocks of an unmodified AST through its final norm: CLS, the distillation token, and patches of the spectrogram.

    The summary of a level is CLS alone; AST's own head averages it with the distillation token, eP-ALM does not.

    Args:
        model: a hub name or a local folder. Left out, ``config`` alone says what is built, with random weights.
        levels: K, the last blocks to give.
        pooling: 'cls', or 'mean' | 'max' over the patches.
        pretrained: False builds random weights; so does the meta device.
        attention: 'auto' | 'xformers' | 'sdpa' | 'eager'.
        config: values that replace the model's configuration; only without pretrained weights.
        preprocessing: ``mean`` and ``std`` other than the model's own.
        dtype: of the weights.

    Raises:
        ConfigError: not an AST, too many levels, a pooling or attention there is none of.
        MissingDataError, CheckpointError: as :class:`~.transformers_encoder.TransformersEncoder`.
    """

    kind = 'audio-spectrogram-transformer'
    main_input = 'input_values'
    example = 'MIT/ast-finetuned-audioset-10-10-0.4593'
    nodes = {
        'preprocessing': Bound(AudioPreprocessing, given=('kind', 'sample_rate', 'mel_bins', 'frames'), partial=True)
    }

    def __init__(
        self,
        model: str | None = None,
        levels: int = 6,
        pooling: Literal['cls', 'mean', 'max'] = 'cls',
        pretrained: bool = True,
        attention: Literal['auto', 'xformers', 'sdpa', 'eager'] = 'auto',
        config: Mapping[str, Any] | None = None,
        preprocessing: Mapping[str, Any] | None = None,
        dtype: str | torch.dtype = 'float32',
    ) -> None:
        super().__init__(model, levels, pooling, pretrained, attention, config)
        own = {key: value for key, value in self.stated_features(model).items() if key in STATISTICS}
        self.preprocessing = AudioPreprocessing(
            kind='kaldi',
            sample_rate=RATE,
            mel_bins=self.facts.num_mel_bins,
            frames=self.facts.max_length,
            **{**STATISTICS, **own, **(preprocessing or {})},
        )
        self.settle(dtype)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: the same architecture, random, with tiny widths and spectrograms of two by two patches."""
        real = on_meta(cls, arguments)
        facts = shrink_widths(real.facts.to_dict())
        facts['num_mel_bins'] = facts['patch_size'] + facts['frequency_stride']
        facts['max_length'] = facts['patch_size'] + facts['time_stride']
        statistics = {name: getattr(real.preprocessing, name) for name in STATISTICS}
        return {**arguments, 'model': None, 'pretrained': False, 'config': facts, 'preprocessing': statistics}

    def read(self, spectrogram: Tensor, levels: int | None) -> Reading:
        """Run the model on ``[B, t, mel]``."""
        self.refuse_other_shapes(spectrogram)
        self._route(spectrogram.device)
        # before transformers 5 the layers were the encoder's
        layers = self.model.layers if hasattr(self.model, 'layers') else self.model.encoder.layer
        with self.watched(layers) as states:
            output = self.model(input_values=spectrogram)
        return Reading(states, output.last_hidden_state, self.model.layernorm, PREFIX, has_cls=True)
