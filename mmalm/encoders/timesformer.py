"""TimeSformer as a frozen video encoder (arXiv 2102.05095), as eP-ALM uses it (arXiv 2303.11403)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from annotated_types import Ge
from torch import Tensor

from ..errors import ConfigError
from ..registry import ENCODERS, Bound
from .base import Encoder, Reading
from .preprocessing import Preprocessing, resolve
from .shrinking import first_alike, on_meta, small_config, small_sizes
from .transformers_loading import build, load, preprocessing_values, read_config
from .video_preprocessing import of_clips


@ENCODERS.register_module()
class TimesformerEncoder(Encoder):
    """The last K blocks of an unmodified TimeSformer: its tokens of all frames, and its space-time CLS.

    A level's tokens are CLS and, patch by patch, each patch of all frames: ``[B, 1 + n*F, D]``.

    Args:
        model: a hub name or a local folder. Left out, ``config`` alone says what is built, with random weights.
        levels: K, the last blocks to give.
        frames: F; the model's own unless told. With another number its time embeddings are stretched to the nearest.
        pooling: 'cls', the space-time CLS, or 'mean' | 'max' over all patches of all frames.
        pretrained: False builds random weights; so does the meta device.
        image_size: of a square picture, other than the model's own; position embeddings are stretched to the nearest.
        config: values that replace the model's configuration; only without pretrained weights.
        preprocessing: values that replace the model's own: size, mean, std, interpolation, crop_pct.
        dtype: of the weights.

    Raises:
        ConfigError: not a TimeSformer, too many levels, a size that is not square or smaller than two patches.
        MissingDataError, CheckpointError: as :class:`~.transformers_encoder.TransformersEncoder`.
    """

    modality = 'video'
    nodes = {'preprocessing': Bound(Preprocessing, partial=True)}

    def __init__(
        self,
        model: str | None = None,
        levels: int = 6,
        frames: Annotated[int, Ge(1)] | None = None,
        pooling: Literal['cls', 'mean', 'max'] = 'cls',
        pretrained: bool = True,
        image_size: int | None = None,
        config: Mapping[str, Any] | None = None,
        preprocessing: Mapping[str, Any] | None = None,
        dtype: str | torch.dtype = 'float32',
    ) -> None:
        name = model or 'config:timesformer'
        super().__init__(name, levels, pooling, 'eager')  # the model has one kind of attention, its own
        if not model and not config:
            raise ConfigError(
                "TimesformerEncoder needs model='facebook/timesformer-base-finetuned-k600' or another, or config=dict(...) for "
                'random weights.'
            )
        if model and config and pretrained:
            raise ConfigError(
                f'{name}: config=dict({", ".join(config)}) changes the architecture, so set pretrained=False.'
            )
        pretrained = pretrained and model is not None and torch.get_default_device().type != 'meta'
        stated = dict(config or {}) if model else {'model_type': 'timesformer', **(config or {})}
        facts = read_config(model, stated, pretrained)
        if facts.model_type != 'timesformer':
            raise ConfigError(
                f'{name} is of type {facts.model_type!r}, not a TimeSformer. Pictures are read by a FrameEncoder.'
            )
        self.model, self.unloaded = load(model, facts) if pretrained else (build(facts, name), frozenset())
        found = preprocessing_values(model, facts, pretrained)
        pictures = resolve(found, preprocessing, image_size, name)
        self.preprocessing = of_clips(pictures, facts.num_frames if frames is None else frames)
        self._stretch(facts)
        self.settle(dtype)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: the same architecture, random, with tiny widths, pictures of two patches a side and at most two frames."""
        real = on_meta(cls, arguments)
        facts, own = real.model.config.to_dict(), real.preprocessing
        pictures = {name: value for name, value in own.as_dict().items() if name != 'frames'}
        frames = min(2, own.frames)
        kept = {**arguments, 'model': None, 'pretrained': False, 'image_size': None, 'frames': frames}
        return first_alike(
            real,
            [
                {
                    **kept,
                    'config': {**small_config(facts, narrow, size, own.size), 'num_frames': frames},
                    'preprocessing': {**pictures, 'size': size},
                }
                for narrow in (True, False)
                for size in small_sizes(real, facts['patch_size'])
            ],
        )

    def blank(self, rows: int, device: torch.device | str) -> Tensor:
        """Empty clips ``[rows, F, 3, H, W]``."""
        return torch.zeros(rows, self.preprocessing.frames, 3, *self.preprocessing.size, device=device)

    def read(self, frames: Tensor, levels: int | None) -> Reading:
        """Clips ``[B, F, 3, H, W]``."""
        if frames.ndim != 5 or frames.shape[1] != self.preprocessing.frames:
            raise ConfigError(
                f'{self.name} takes clips [B, {self.preprocessing.frames}, 3, H, W], found {list(frames.shape)}.'
            )
        output = self.model(pixel_values=frames, output_hidden_states=True)
        # the first are the embeddings
        return Reading(list(output.hidden_states[1:]), output.last_hidden_state, self.model.layernorm, 1, True)

    def _stretch(self, facts: Any) -> None:
        """Have the model lay its tokens out for this size and number of frames.

        It stretches its embeddings by itself, but its blocks take the numbers of frames and patches from the configuration, and
        with others than those that came in they would mix patches with frames.
        """
        high, wide = self.preprocessing.size
        if high != wide or high < 2 * facts.patch_size:
            raise ConfigError(
                f'{self.name} takes square pictures of two patches a side or more (a patch is {facts.patch_size} pixels), '
                f'found {high} x {wide}. Set image_size.'
            )
        self.model.config.image_size = high
        self.model.config.num_frames = self.preprocessing.frames
