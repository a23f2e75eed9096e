"""What all encoders share: freezing, the final norm on every level, pooling, widths.

Legend: B batch, K levels, N tokens of one level, D encoder width.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..attention import BACKENDS
from ..errors import ConfigError, closest
from ..zoo.fingerprint import fingerprint
from .layout import TokenLayout, grid_of
from .modalities import INPUTS
from .perception import Perception
from .pooling import check_pooling, pool
from .preprocessing import Preprocessing

# what a model raises when a picture's size or type does not fit it, or when it cannot run on the meta device
_MISFITS = (RuntimeError, AssertionError, TypeError, IndexError)


@dataclass
class Reading:
    """What a backbone gave for one batch, before the final norm is put on every level.

    Attributes:
        levels: raw outputs of its blocks or stages, shallow to deep: ``[B, N, D]``, prefix tokens first, or maps
            ``[B, C, H, W]``.
        final: what the model itself hands to its head, normed as the model does it.
        norm: the final norm, for ``[.., D]``; ``None`` where the model has none (most CNNs).
        prefix: tokens of a level that are not patches (CLS, registers, distillation).
        has_cls: token 0 is a CLS token.
        pooled_norm: the model norms after pooling, not before.
    """

    levels: list[Tensor]
    final: Tensor
    norm: Callable[[Tensor], Tensor] | None = None
    prefix: int = 0
    has_cls: bool = False
    pooled_norm: bool = False


class Encoder(nn.Module):
    """A frozen, unmodified model of pictures, video or sound that gives a :class:`Perception`.

    Every level is a block's output through the model's single final norm, not the raw output (eP-ALM, arXiv
    2303.11403). In models whose stages differ in width or resolution (Swin, ConvNeXt, ResNet, ...) the final norm
    belongs to the deepest stage and is applied there alone: their deepest level is what the model hands to its own
    head, the others are raw stage outputs. With ``normed = False`` every level is what its block gives, as DVP
    (arXiv 2306.00409) reads CLIP.

    Subclasses build ``self.model``, supply :meth:`read`, and call :meth:`settle` last.

    Attributes:
        modality: 'image', 'video' or 'audio'.
        num_levels: K.
        widths: width of each of the K levels.
        width: D, the one width of all levels; asking for it is a ConfigError where they differ.
        tokens: N of each of the K levels, at the size of ``preprocessing``.
        layout: how the tokens of the deepest level lie.
        depth: how many levels the model has.
        preprocessing: how the input is prepared: size and statistics of pictures, sample rate of sound.
    """

    modality: str = 'image'
    normed: bool = True
    model: nn.Module
    preprocessing: Preprocessing

    def __init__(self, name: str, levels: int, pooling: str, attention: str) -> None:
        super().__init__()
        if not isinstance(levels, int) or levels < 1:
            raise ConfigError(f'{name}: levels must be a positive number, found {levels!r}.')
        if attention not in BACKENDS:
            hint = closest(attention, BACKENDS)
            raise ConfigError(f'{name}: unknown attention {attention!r}. {hint} Choose one of {", ".join(BACKENDS)}.')
        self.name = name
        self.num_levels = levels
        self.pooling = pooling
        self.attention = attention

    @property
    def takes(self) -> str:
        """The key of a sample under which its input stands."""
        return INPUTS[self.modality]

    @property
    def patch_size(self) -> tuple[int, int] | None:
        """Height and width in pixels of the patches it first cuts a picture into; None where there are none."""
        return None

    def blank(self, rows: int, device: torch.device | str) -> Tensor:
        """An empty input of so many rows, in the shape the encoder takes: ``[rows, 3, H, W]`` for pictures."""
        return torch.zeros(rows, 3, *self.preprocessing.size, device=device)

    def read(self, pixels: Tensor, levels: int | None) -> Reading:
        """Run the model on its input, pictures ``[B, 3, H, W]``; its last ``levels`` levels, ``None`` for all."""
        raise NotImplementedError

    def settle(self, dtype: str | torch.dtype = 'float32') -> None:
        """Freeze the model, look at its levels' shapes once, and check the request against them.

        Raises:
            ConfigError: more levels than the model has, a pooling it cannot give, a size it cannot take.
        """
        self.model.to(_dtype(dtype)).requires_grad_(False).eval()
        with torch.no_grad():
            self._probe()
        unloaded = getattr(self, 'unloaded', frozenset())
        # of the weights as they came, before any of them trains
        self._fingerprint = fingerprint({n: t for n, t in self.model.state_dict().items() if n not in unloaded})

    @property
    def width(self) -> int:
        if len(set(self.widths)) > 1:
            raise ConfigError(
                f'{self.name}: its last {self.num_levels} levels differ in width ({self.widths}), and one width is '
                'asked for. Use levels=1, or a connector that takes a list of widths.'
            )
        return self.widths[0]

    def forward(self, pixels: Tensor) -> Perception:
        """Perceive pictures, or what else the encoder takes.

        Args:
            pixels: ``[B, 3, H, W]``, preprocessed as ``self.preprocessing`` says.

        Returns:
            ``cls`` ``[B, K, D]`` and ``levels`` K x ``[B, N, D]``, shallow to deep; ``cls`` is a list of ``[B, D_k]``
            where widths differ. Gradients flow only if a parameter of the encoder, or the pixels, ask for them.
        """
        learns = pixels.requires_grad or any(p.requires_grad for p in self.parameters())
        with contextlib.nullcontext() if learns else torch.no_grad():
            dtype = next((p.dtype for p in self.model.parameters() if p.is_floating_point()), pixels.dtype)
            levels, cls = self._perceive(self.read(pixels.to(dtype), self.num_levels))
        return Perception(torch.stack(cls, 1) if len(set(self.widths)) == 1 else cls, levels)

    def train(self, mode: bool = True) -> 'Encoder':
        """Train mode where something in the encoder trains; a frozen one stays in eval mode."""
        return super().train(mode and any(p.requires_grad for p in self.parameters()))

    def base_model(self) -> dict[str, str]:
        """Which frozen model this is, for a checkpoint's JSON: name, class and fingerprint of its weights."""
        return {'name': self.name, 'class': type(self.model).__name__, 'fingerprint': self._fingerprint}

    def _perceive(self, reading: Reading) -> tuple[list[Tensor], list[Tensor]]:
        """The K levels ``[B, N, D]`` and their summary tokens ``[B, D]``."""
        raw = [_tokens(level) for level in reading.levels[-self.num_levels :]]
        if not self.normed:
            return raw, [pool(level, self.pooling, reading.prefix) for level in raw]
        if self.uniform:
            levels = [reading.norm(level) for level in raw]
        else:
            raw[-1] = _tokens(reading.final)
            levels = [*raw[:-1], reading.norm(raw[-1])] if reading.pooled_norm else raw
        cls = [pool(level, self.pooling, reading.prefix) for level in levels]
        if reading.pooled_norm and self.pooling != 'cls':
            for level in range(len(raw)) if self.uniform else [-1]:
                cls[level] = reading.norm(pool(raw[level], self.pooling, reading.prefix))
        return levels, cls

    def _probe(self) -> None:
        """Read one empty input; on the meta device, where it costs nothing, if the model's code runs there."""
        first = next(self.model.parameters())
        try:
            with _swapped_to_meta(self.model):
                self._learn_shapes(torch.device('meta'), first.dtype)
        except _MISFITS as error:
            try:
                self._learn_shapes(first.device, first.dtype)
            except _MISFITS:
                shape = ' x '.join(map(str, self.blank(1, 'meta').shape[1:]))
                raise ConfigError(f'{self.name} cannot read an input of {shape}: {error}') from error

    def _learn_shapes(self, device: torch.device, dtype: torch.dtype) -> None:
        reading = self.read(self.blank(1, device).to(dtype), None)
        self.depth = len(reading.levels)
        if self.num_levels > self.depth:
            raise ConfigError(f'{self.name} has {self.depth} levels; levels={self.num_levels} asks for more.')
        check_pooling(self.pooling, reading.has_cls, self.name)
        # one shape all the way: a transformer whose final norm fits every block; otherwise a pyramid
        shapes = {tuple(level.shape[1:]) for level in reading.levels}
        self.uniform = len(shapes) == 1 and reading.norm is not None
        if not (self.normed or self.uniform):
            raise ConfigError(
                f'{self.name}: normed=False is for models whose final norm fits every block, which this one has not: its '
                'shallow levels are not normed anyway. Leave normed out.'
            )
        levels, cls = self._perceive(reading)
        self.widths = [summary.shape[-1] for summary in cls]
        self.tokens = [level.shape[1] for level in levels]
        patches = self.tokens[-1] - reading.prefix
        grid = grid_of(patches, self.preprocessing.size) if self.modality == 'image' else None
        self.layout = TokenLayout(self.tokens[-1], reading.prefix, grid)


@contextlib.contextmanager
def _swapped_to_meta(model: nn.Module) -> Iterator[None]:
    """Parameters and buffers stand on the meta device inside, and are back afterwards, untouched."""
    slots = [
        (store, name, tensor)
        for module in model.modules()
        for store in (module._parameters, module._buffers)
        for name, tensor in store.items()
        if tensor is not None
    ]
    try:
        for store, name, tensor in slots:
            store[name] = torch.empty_like(tensor, device='meta')
        yield
    finally:
        for store, name, tensor in slots:
            store[name] = tensor


def _tokens(level: Tensor) -> Tensor:
    """``[B, C, H, W]`` as ``[B, H*W, C]``; tokens stay as they are."""
    return level.flatten(2).transpose(1, 2) if level.ndim == 4 else level


def _dtype(dtype: str | torch.dtype) -> torch.dtype:
    found = dtype if isinstance(dtype, torch.dtype) else getattr(torch, str(dtype), None)
    if not isinstance(found, torch.dtype) or not found.is_floating_point:
        raise ConfigError(f"unknown dtype {dtype!r}: choose 'float32', 'bfloat16' or 'float16'.")
    return found
