"""Whisper's encoder, frozen (arXiv 2212.04356): speech, and what else is heard with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from annotated_types import Gt
from torch import Tensor, nn

from ..errors import ConfigError
from ..registry import ENCODERS
from ..shrinking import architecture_of
from .audio_encoder import AudioEncoder
from .audio_preprocessing import FRAMES_A_SECOND, AudioPreprocessing
from .base import Reading
from .shrinking import on_meta

RATE = 16_000  # Hz
STRIDE = 2  # frames of the spectrogram a token stands for
# what Whisper's feature extractor is, for all published models
EXTRACTOR = {'sampling_rate': RATE, 'hop_length': RATE // FRAMES_A_SECOND, 'n_fft': 400}
# the decoder is built by transformers and put away, and what is tiny of both
SHRUNK = {
    'd_model': 32,
    'encoder_attention_heads': 2,
    'decoder_attention_heads': 2,
    'encoder_ffn_dim': 64,
    'decoder_ffn_dim': 64,
    'decoder_layers': 1,
    'max_target_positions': 8,
}
SHRUNK_SECONDS = 0.5


@ENCODERS.register_module()
class WhisperEncoder(AudioEncoder):
    """The last K layers of Whisper's unmodified encoder through its final norm; 50 tokens a second, no CLS.

    A sound is looked at in a window as long as its data need, not always in 30 s: the positions are the first of the table,
    everything else is the model's own. At 30 s that is exactly the whole encoder; a shorter window differs in that the
    tokens do not look at the silence that would follow.

    Args:
        model: a hub name, a local folder, or 'zoo:whisper-tiny-en'. Left out, ``config`` alone says what is built, with random
            weights.
        levels: K, the last layers to give.
        pooling: 'mean' or 'max' over all tokens of the window: Whisper has no CLS token.
        seconds: how long the window is, in steps of 0.02; all that the model can take (30) unless told.
        pretrained: False builds random weights; so does the meta device.
        attention: 'auto' | 'xformers' | 'sdpa' | 'eager'.
        config: values that replace the model's configuration; only without pretrained weights.
        dtype: of the weights.

    Raises:
        ConfigError: not a Whisper, too many levels, a window longer than the model's, a pooling or attention there is none of.
        MissingDataError, CheckpointError: as :class:`~.transformers_encoder.TransformersEncoder`.
    """

    kind = 'whisper'
    main_input = 'input_features'
    example = 'zoo:whisper-tiny-en'

    def __init__(
        self,
        model: str | None = None,
        levels: int = 4,
        pooling: Literal['mean', 'max'] = 'mean',
        seconds: Annotated[float, Gt(0)] | None = None,
        pretrained: bool = True,
        attention: Literal['auto', 'xformers', 'sdpa', 'eager'] = 'auto',
        config: Mapping[str, Any] | None = None,
        dtype: str | torch.dtype = 'float32',
    ) -> None:
        super().__init__(model, levels, pooling, pretrained, attention, config)
        self._refuse_other_extractors(self.stated_features(model))
        self.model = self.model.encoder
        tokens = self._window(seconds)
        self.preprocessing = AudioPreprocessing(
            kind='whisper', sample_rate=RATE, mel_bins=self.facts.num_mel_bins, frames=tokens * STRIDE
        )
        self.settle(dtype)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: the same number of layers, random, with tiny widths and half a second of sound."""
        real = on_meta(cls, arguments)
        tokens = int(SHRUNK_SECONDS * FRAMES_A_SECOND / STRIDE)
        whole = real.facts.max_source_positions == real.tokens[0]
        config = {
            **architecture_of(real.facts.to_dict()),
            **SHRUNK,
            'max_source_positions': tokens if whole else 2 * tokens,
        }
        seconds = None if whole else SHRUNK_SECONDS
        return {**arguments, 'model': None, 'pretrained': False, 'config': config, 'seconds': seconds}

    def read(self, spectrogram: Tensor, levels: int | None) -> Reading:
        """Run the model on ``[B, t, mel]``."""
        self.refuse_other_shapes(spectrogram)
        self._route(spectrogram.device)
        with self.watched(self.model.layers) as states:
            output = self.model(spectrogram.transpose(1, 2))
        return Reading(states, output.last_hidden_state, self.model.layer_norm)

    def _window(self, seconds: float | None) -> int:
        """Have the model take a window of so many seconds: the first positions of its table. How many they are."""
        most = self.facts.max_source_positions
        tokens = most if seconds is None else round(seconds * FRAMES_A_SECOND / STRIDE)
        if not 1 <= tokens <= most:
            longest = most * STRIDE / FRAMES_A_SECOND
            raise ConfigError(
                f'{self.name}: seconds={seconds} is not a window of 0.02 to {longest:g} s, as the model takes.'
            )
        if tokens < most:
            table = self.model.embed_positions.weight[:tokens].detach().clone()
            self.model.embed_positions = nn.Embedding.from_pretrained(table)
            # what its forward asks of its input follows from this
            self.model.config.max_source_positions = self.model.max_source_positions = tokens
        return tokens

    def _refuse_other_extractors(self, stated: Mapping[str, Any]) -> None:
        for name, known in EXTRACTOR.items():
            if stated.get(name, known) != known:
                raise ConfigError(
                    f'{self.name}: its feature extractor says {name}={stated[name]}; Whisper spectrograms are made with {known}.'
                )
