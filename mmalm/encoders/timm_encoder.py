"""Any timm image model as a frozen encoder."""

import functools
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .. import zoo
from ..errors import ConfigError, closest
from ..hub import folder_facts, hub_access
from ..registry import ENCODERS, Bound
from .base import Encoder, Reading
from .preprocessing import Preprocessing, from_timm, resolve, size_pair
from .shrinking import first_alike, on_meta, small_sizes
from .timm_attention import built_for, routed


@ENCODERS.register_module()
class TimmEncoder(Encoder):
    """The last K levels of an unmodified timm model, and a summary token of each.

    Args:
        model: a timm name ('vit_base_patch16_224.augreg_in21k'), 'hf-hub:NAME', a local folder in timm's form, or
            'zoo:NAME'.
        levels: K, the last blocks (ViTs) or stages (Swin, CNNs) to give.
        pooling: 'cls', or 'mean' | 'max' over the patches for models without a CLS token.
        pretrained: False builds random weights; so does the meta device.
        attention: 'auto' | 'xformers' | 'sdpa' | 'eager'.
        image_size: other than the pretrained one: a number or (height, width); positions are interpolated once, at
            loading.
        config: arguments of timm's model class (depth, embed_dim, ...) that replace the named architecture's; only
            without pretrained weights.
        preprocessing: values that replace those timm states: size, mean, std, interpolation, crop_pct.
        dtype: of the weights.

    Raises:
        ConfigError: unknown model or argument, too many levels, a pooling or size the model does not have.
        MissingDataError: the weights are neither local nor cached and cannot be fetched.
    """

    nodes = {'preprocessing': Bound(Preprocessing, partial=True)}

    def __init__(
        self,
        model: str,
        levels: int = 6,
        pooling: str = 'cls',
        pretrained: bool = True,
        attention: str = 'auto',
        image_size: int | tuple[int, int] | None = None,
        config: Mapping[str, Any] | None = None,
        preprocessing: Mapping[str, Any] | None = None,
        dtype: str | torch.dtype = 'float32',
    ) -> None:
        super().__init__(model, levels, pooling, attention)
        if config and pretrained:
            raise ConfigError(
                f'{model}: config=dict({", ".join(config)}) changes the architecture, so set pretrained=False.'
            )
        on_meta = torch.get_default_device().type == 'meta'
        pretrained = pretrained and not on_meta
        source, extra = _source(model, pretrained)
        size = image_size if image_size is not None else (preprocessing or {}).get('size')
        with built_for(attention):
            self.model = _create(source, pretrained, size, {**extra, **(config or {})})
        if not hasattr(self.model, 'forward_intermediates'):
            raise ConfigError(f'{model}: timm cannot give the intermediate levels of a {type(self.model).__name__}.')
        self.preprocessing = resolve(_data_config(self.model), preprocessing, image_size, model)
        self.settle(dtype)

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: the same architecture, random, with tiny widths and pictures where it can have them."""
        real = on_meta(cls, arguments)
        patch = real.patch_size
        stated = arguments.get('config') or {}
        return first_alike(
            real,
            [
                {**arguments, 'pretrained': False, 'config': {**stated, **widths}, 'image_size': size}
                for widths in _small_widths(real.model)
                for size in small_sizes(real, patch)
            ],
        )

    @property
    def patch_size(self) -> tuple[int, int] | None:
        patch = getattr(getattr(self.model, 'patch_embed', None), 'patch_size', None)
        return None if patch is None else (patch, patch) if isinstance(patch, int) else tuple(patch)

    def read(self, pixels: Tensor, levels: int | None) -> Reading:
        extra = {'return_prefix_tokens': True} if self._gives_prefix else {}
        with routed(self.attention, pixels.device):
            final, maps = self.model.forward_intermediates(
                pixels, indices=levels, norm=False, output_fmt='NCHW', **extra
            )
        prefix = 0
        if self._gives_prefix and isinstance(maps[0], tuple):
            prefix = maps[0][1].shape[1]
            maps = [torch.cat([before, patches.flatten(2).transpose(1, 2)], 1) for patches, before in maps]
        if final.ndim == 4 and final.shape[-1] == self.model.num_features != final.shape[1]:
            final = final.permute(0, 3, 1, 2)  # Swin and its kin keep channels last
        norm, pooled_norm = _final_norm(self.model)
        has_cls = prefix > 0 and getattr(self.model, 'cls_token', None) is not None
        return Reading(list(maps), final, norm, prefix, has_cls, pooled_norm)

    @functools.cached_property
    def _gives_prefix(self) -> bool:
        return 'return_prefix_tokens' in inspect.signature(self.model.forward_intermediates).parameters


def _small_widths(model: nn.Module) -> list[dict[str, Any]]:
    """Arguments of timm's classes that make a model narrow, for each family in its own words; none of them at last."""
    channels = [stage['num_chs'] for stage in getattr(model, 'feature_info', None) or ()]
    families: list[dict[str, Any]] = [{'embed_dim': 64, 'num_heads': 4}, {'embed_dim': 48}, {'embed_dim': 32}]
    if channels:
        families.append({'dims': [max(8, 16 * width // channels[0]) for width in channels]})
    return [*families, {'channels': (8, 16, 32, 64)}, {'channels': (64,) * 4}, {}]


def _source(name: str, pretrained: bool) -> tuple[str, dict[str, Any]]:
    """The name timm knows the model by, and constructor arguments that go with it."""
    if name.startswith('zoo:') and not pretrained:
        facts = zoo.architecture(name)
        if not facts or 'architecture' not in facts:
            raise ConfigError(f'{name} is not a timm model; build it with TransformersEncoder.')
        return facts['architecture'], dict(facts.get('model_args') or {})
    found = zoo.resolve(name)
    if Path(found).is_dir():
        if 'architecture' not in folder_facts(found):
            raise ConfigError(
                f'{name}: its config.json names no timm architecture. For a transformers model use TransformersEncoder.'
            )
        return f'local-dir:{found}', {}
    return found, {}


def _create(name: str, pretrained: bool, size: int | tuple[int, int] | None, arguments: dict[str, Any]) -> nn.Module:
    import timm

    if size is not None:
        arguments.setdefault('img_size', size_pair(size))
    try:
        with hub_access(name, _repository(name)):
            return timm.create_model(name, pretrained=pretrained, num_classes=0, **arguments)
    except TypeError as error:
        if size is not None and "'img_size'" in str(error):  # a CNN takes any size
            del arguments['img_size']
            return _create(name, pretrained, None, arguments)
        raise ConfigError(f'{name}: {error}') from error
    except RuntimeError as error:
        if 'Unknown model' not in str(error):
            raise ConfigError(f'{name}: {error}') from error
        base = name.split('.')[0]
        raise ConfigError(f'timm has no model {name!r}. {closest(base, timm.list_models())}'.rstrip()) from error


def _repository(name: str) -> str:
    """The hub's name of a timm model."""
    import timm

    facts = None if ':' in name else timm.get_pretrained_cfg(name)
    if facts is None:
        return name.split(':', 1)[-1]
    found = facts.hf_hub_id or name
    return f'{found}{facts.architecture}.{facts.tag}' if found.endswith('/') else found


def _data_config(model: nn.Module) -> dict[str, Any]:
    import timm

    values = from_timm(timm.data.resolve_model_data_config(model))
    built_size = getattr(getattr(model, 'patch_embed', None), 'img_size', None)
    if built_size is not None:  # the architecture's arguments may differ from what the weights were trained at
        values['size'] = built_size
    return values


def _final_norm(model: nn.Module) -> tuple[Any, bool]:
    """The norm in front of the head, and whether the model pools before it."""
    norm, pooled = getattr(model, 'norm', None), False
    if norm is None or isinstance(norm, nn.Identity):
        norm, pooled = getattr(model, 'fc_norm', None), True
    if norm is None or isinstance(norm, nn.Identity):
        norm = getattr(getattr(model, 'head', None), 'norm', None)
    if not isinstance(norm, nn.Module) or isinstance(norm, nn.Identity):
        return None, False
    # a channels-first LayerNorm (ConvNeXt) is the ordinary one when called on channels-last tokens
    return (functools.partial(nn.LayerNorm.forward, norm) if isinstance(norm, nn.LayerNorm) else norm), pooled
