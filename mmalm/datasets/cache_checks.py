"""What may be cached, and whether a folder holds it."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ..atomic import write_json
from ..encoders import Encoder
from ..errors import ConfigError, closest

DTYPES = ('float32', 'float16')
KEEPS = ('cls', 'levels')


def kept(keep: str | None, reads: str) -> str:
    """What a cache keeps for a connector that reads 'cls' or 'levels'.

    Raises:
        ConfigError: less than is read.
    """
    if keep == 'cls' and reads == 'levels':
        raise ConfigError(
            "feature cache: keep='cls' holds summary tokens alone, and the connector reads all tokens of a level. "
            'Leave keep out: what is read is then kept.'
        )
    return reads if keep is None else keep


def check_cacheable(encoder: Encoder, transform: Callable[[Any], Tensor], keep: str, dtype: str) -> None:
    """Refuse what would make a cached feature differ from a computed one.

    Raises:
        ConfigError: says which of them it is.
    """
    for name, value, known in (('keep', keep, KEEPS), ('dtype', dtype, DTYPES)):
        if value not in known:
            hint = closest(value, known)
            raise ConfigError(f'feature cache: unknown {name} {value!r}. {hint} Choose one of {", ".join(known)}.')
    _check_shapes(encoder, keep)
    if not getattr(transform, 'deterministic', False):
        found = getattr(transform, 'augment', None) or type(transform).__name__
        raise ConfigError(
            f'feature cache: the transform is random ({found}), so one picture has many features. Set augment=None, '
            'or train without the cache.'
        )
    training = [name for name, parameter in encoder.named_parameters() if parameter.requires_grad]
    if training:
        raise ConfigError(
            f'feature cache: {len(training)} parameters of the encoder train ({", ".join(training[:3])}, ...), '
            'so its features change. Freeze the encoder, or train without the cache.'
        )
    stated, expected = transform.spec().get('preprocessing'), encoder.preprocessing.as_dict()
    if stated is not None and stated != expected:
        raise ConfigError(
            f'feature cache: the transform prepares pictures as {stated},\n'
            f'the encoder {encoder.name} expects {expected}.'
        )


def _check_shapes(encoder: Encoder, keep: str) -> None:
    """A row has one shape: levels of one width, and of one length where they are kept."""
    _ = encoder.width  # says itself that widths differ
    if keep == 'levels' and len(set(encoder.tokens)) > 1:
        raise ConfigError(
            f'{encoder.name}: its levels differ in token count ({encoder.tokens}), and a feature cache holds levels of one '
            'length. Use levels=1, a connector that reads summary tokens, or feature_cache=dict(enabled=False).'
        )


def open_folder(folder: Path, content: dict[str, Any]) -> None:
    """Make ``folder`` a cache of ``content``, or see that it is one.

    Raises:
        ConfigError: it holds other features, or something else, or its description is damaged.
    """
    path = folder / 'cache.json'
    if not path.exists():
        # a process that is at the same, or was killed at it, may have left its draft
        others = [f for f in folder.iterdir() if not f.name.startswith('.cache.json')] if folder.exists() else []
        if others and not path.exists():
            raise ConfigError(
                f'{folder} is not a feature cache (it has no cache.json) and is not empty: name another folder.'
            )
        write_json(path, content)
        return
    try:
        found = json.loads(path.read_text())
        differing = sorted(k for k in {*found, *content} if found.get(k) != json.loads(json.dumps(content.get(k))))
    except (ValueError, TypeError) as error:
        raise ConfigError(f'{path} is damaged ({error}): delete the folder and fill the cache again.') from error
    if differing:
        lines = ''.join(f'\n  {k}: it has {found.get(k)}, asked for {content.get(k)}' for k in differing)
        raise ConfigError(
            f'The feature cache {folder} holds other features than these:{lines}\nDelete it, or name another folder.'
        )


@contextlib.contextmanager
def in_eval(model: nn.Module) -> Iterator[None]:
    """The model in eval mode inside, every part in its own mode again afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
