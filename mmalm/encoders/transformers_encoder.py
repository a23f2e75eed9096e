"""Any transformers vision model as a frozen encoder."""

import contextlib
import functools
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import ConfigError
from ..registry import ENCODERS, Bound
from .attention_route import AttentionRoute
from .base import Encoder, Reading
from .preprocessing import Preprocessing, resolve
from .shrinking import first_alike, on_meta, small_config, small_sizes
from .transformers_loading import build, load, preprocessing_values, read_config

# where vision models keep the norm in front of their head; the last one is BEiT's, which norms after pooling
FINAL_NORMS = ('layernorm', 'post_layernorm', 'norm', 'layer_norm', 'encoder.layer_norm', 'pooler.layernorm')
CLS_NAMES = ('cls_token', 'class_embedding', 'class_token')


@ENCODERS.register_module()
class TransformersEncoder(Encoder):
    """The last K levels of an unmodified transformers vision model, and a summary token of each.

    Takes ViT, DINOv2, DINOv3, DeiT, BEiT, SigLIP, Swin, ConvNeXt, ResNet and others; of a two-tower model (CLIP) the
    vision tower.

    Args:
        model: a hub name, a local folder, or 'zoo:NAME'. Left out, ``config`` alone says what is built, with random
            weights.
        levels: K, the last blocks (ViTs) or stages (Swin, CNNs) to give.
        pooling: 'cls', or 'mean' | 'max' over the patches for models without a CLS token.
        pretrained: False builds random weights; so does the meta device.
        attention: 'auto' | 'xformers' | 'sdpa' | 'eager'.
        image_size: other than the model's own: a number or (height, width); positions are interpolated where the model
            can.
        config: values that replace the model's configuration; only without pretrained weights. Without ``model``, all
            of it, with its ``model_type``.
        preprocessing: values that replace the model's preprocessor_config.json: size, mean, std, interpolation,
            crop_pct. Random weights without any statistics take mean = std = 0.5.
        final_norm: path of the norm in front of the head, where it is not found by itself; 'none' for a model without.
        normed: False gives every level as its block leaves it, before the final norm: CLIP's tokens as DVP (arXiv
            2306.00409) reads them.
        dtype: of the weights.

    Raises:
        ConfigError: not a vision model, too many levels, a pooling, size or attention the model does not have, no
            statistics.
        MissingDataError: the model is neither local nor cached and cannot be fetched.
        CheckpointError: the weights do not cover the model.
    """

    nodes = {'preprocessing': Bound(Preprocessing, partial=True)}

    def __init__(
        self,
        model: str | None = None,
        levels: int = 6,
        pooling: str = 'cls',
        pretrained: bool = True,
        attention: str = 'auto',
        image_size: int | tuple[int, int] | None = None,
        config: Mapping[str, Any] | None = None,
        preprocessing: Mapping[str, Any] | None = None,
        final_norm: str = 'auto',
        dtype: str | torch.dtype = 'float32',
        normed: bool = True,
    ) -> None:
        name = model or f'config:{(config or {}).get("model_type", "?")}'
        super().__init__(name, levels, pooling, attention)
        self.normed = normed
        if not model and not config:
            raise ConfigError(
                "TransformersEncoder needs model='name or folder', or config=dict(model_type='vit', ...) for random "
                'weights.'
            )
        if model and config and pretrained:
            raise ConfigError(
                f'{name}: config=dict({", ".join(config)}) changes the architecture, so set pretrained=False.'
            )
        pretrained = pretrained and model is not None and torch.get_default_device().type != 'meta'
        facts = read_config(model, config, pretrained)
        self.model, self.unloaded = load(model, facts) if pretrained else (build(facts, name), frozenset())
        self._norm_path, self._pooled_norm = _find_norm(self.model, final_norm, name)
        found = preprocessing_values(model, facts, pretrained)
        if 'image_size' in (config or {}):
            found = {**(found or {}), 'size': config['image_size']}
        self.preprocessing = resolve(found, preprocessing, image_size, name)
        self._patch = getattr(facts, 'patch_size', None)
        self._own_size = getattr(facts, 'image_size', None)
        self._route = AttentionRoute(self.model, attention, name)
        self.settle(dtype)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: the same architecture, random, with tiny widths and pictures where it can have them."""
        real = on_meta(cls, arguments)
        facts = real.model.config.to_dict()
        statistics = real.preprocessing.as_dict()
        kept = {**arguments, 'model': None, 'pretrained': False, 'image_size': None}
        return first_alike(
            real,
            [
                {
                    **kept,
                    'config': small_config(facts, narrow, size, real.preprocessing.size),
                    'preprocessing': {**statistics, 'size': size},
                }
                for narrow in (True, False)
                for size in small_sizes(real, real._patch)
            ],
        )

    @property
    def patch_size(self) -> tuple[int, int] | None:
        return None if self._patch is None else _pair(self._patch)

    def read(self, pixels: Tensor, levels: int | None) -> Reading:
        self._route(pixels.device)
        arguments = {'interpolate_pos_encoding': True} if self._must_interpolate(pixels) else {}
        with self._watched_norm() as calls:
            output = self.model(pixel_values=pixels, output_hidden_states=True, **arguments)
        states = list(output.hidden_states or [])[1:]  # the first are the embeddings
        if not states:
            raise ConfigError(f'{self.name}: a {type(self.model).__name__} does not give its hidden states.')
        final, pooled = output.last_hidden_state, self._pooled_norm
        if self._norm_path is not None and not any(called is final for called in calls):
            # the model norms later, in its pooler: maps after pooling (ConvNeXt), tokens before (CLIP)
            pooled = pooled or final.ndim == 4
            final = final if pooled else self._norm(final)
        prefix = 0
        if self._patch is not None and final.ndim == 3:
            prefix = max(final.shape[1] - _grid(pixels, self._patch), 0)
        return Reading(states, final, self._norm, prefix, prefix > 0 and self._has_cls, pooled)

    @property
    def _norm(self) -> nn.Module | None:
        return None if self._norm_path is None else self.model.get_submodule(self._norm_path)

    @functools.cached_property
    def _has_cls(self) -> bool:
        return any(name.split('.')[-1] in CLS_NAMES for name, _ in self.model.named_parameters())

    @functools.cached_property
    def _can_interpolate(self) -> bool:
        return 'interpolate_pos_encoding' in inspect.signature(self.model.forward).parameters

    def _must_interpolate(self, pixels: Tensor) -> bool:
        own = self._own_size
        own = (own, own) if isinstance(own, int) else tuple(own or ())
        return self._can_interpolate and tuple(pixels.shape[-2:]) != own

    @contextlib.contextmanager
    def _watched_norm(self):
        """The outputs of the final norm while the model runs."""
        calls: list[Tensor] = []
        if self._norm_path is None:
            yield calls
            return
        handle = self._norm.register_forward_hook(lambda module, args, output: calls.append(output))
        try:
            yield calls
        finally:
            handle.remove()


def _grid(pixels: Tensor, patch: int | tuple[int, int]) -> int:
    """How many patches a picture gives."""
    high, wide = _pair(patch)
    return (pixels.shape[-2] // high) * (pixels.shape[-1] // wide)


def _pair(patch: int | tuple[int, ...]) -> tuple[int, int]:
    return (patch, patch) if isinstance(patch, int) else tuple(patch)[-2:]


def _find_norm(model: nn.Module, stated: str, name: str) -> tuple[str | None, bool]:
    """Path of the final norm, and whether the model pools before it."""
    if stated == 'none':
        return None, False
    modules = dict(model.named_modules())
    if stated != 'auto':
        if stated not in modules:
            raise ConfigError(f'{name}: final_norm={stated!r} is not a module of {type(model).__name__}.')
        return stated, False
    for path in FINAL_NORMS:
        if path in modules and not isinstance(modules[path], nn.Identity):
            return path, path.startswith('pooler.')
    if not any(isinstance(module, (nn.Conv2d, nn.BatchNorm2d)) for module in modules.values()) or any(
        'attention' in path.lower() for path in modules
    ):
        raise ConfigError(
            f'{name}: the final norm of {type(model).__name__} was not found; name it with '
            "final_norm='path.of.module', or final_norm='none' for raw block outputs."
        )
    return None, False
