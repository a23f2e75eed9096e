"""What a frozen image encoder expects of its pictures: size and statistics, as its publisher states them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ..errors import ConfigError, closest

INTERPOLATIONS = ('nearest', 'bilinear', 'bicubic', 'lanczos')
# PIL's resampling codes, as image processor files state them
_PIL_CODES = {0: 'nearest', 1: 'lanczos', 2: 'bilinear', 3: 'bicubic'}


@dataclass(frozen=True)
class Preprocessing:
    """Size and statistics of an encoder's input.

    Attributes:
        size: ``(height, width)`` in pixels.
        mean: of the three channels, pixels being in [0, 1].
        std: likewise.
        interpolation: ``nearest | bilinear | bicubic | lanczos``.
        crop_pct: share of the resized picture that a centre crop keeps; 1.0 keeps all.
    """

    size: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str = 'bicubic'
    crop_pct: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, 'size', size_pair(self.size))
        for name in ('mean', 'std'):
            values = tuple(float(v) for v in getattr(self, name))
            if len(values) != 3:
                raise ConfigError(f'preprocessing: {name} needs 3 numbers, one a channel, found {values}.')
            object.__setattr__(self, name, values)
        if self.interpolation not in INTERPOLATIONS:
            raise ConfigError(
                f'preprocessing: unknown interpolation {self.interpolation!r}. '
                f'{closest(self.interpolation, INTERPOLATIONS)} Choose one of {", ".join(INTERPOLATIONS)}.'
            )
        if not 0 < self.crop_pct <= 1:
            raise ConfigError(f'preprocessing: crop_pct is a share in (0, 1], found {self.crop_pct}.')
        if min(self.std) <= 0:
            raise ConfigError(f'preprocessing: std must be positive, found {self.std}.')

    def as_dict(self) -> dict[str, Any]:
        """A JSON-able form that is equal exactly where the preprocessing is."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def changed(self, **values: Any) -> 'Preprocessing':
        """The same with some values replaced."""
        return replace(self, **values)


def size_pair(size: int | tuple[int, int] | list[int]) -> tuple[int, int]:
    """An image size as ``(height, width)``."""
    pair = (size, size) if isinstance(size, int) else tuple(int(s) for s in size)
    if len(pair) != 2 or min(pair) < 1:
        raise ConfigError(f'image size: expected a positive number or (height, width), found {size!r}.')
    return pair


def resolve(
    found: Mapping[str, Any] | None,
    stated: Mapping[str, Any] | None,
    image_size: int | tuple[int, int] | None,
    where: str,
) -> Preprocessing:
    """Combine what comes with a model and what the config states, which wins.

    Args:
        found: values that come with the model, or ``None`` where nothing does.
        stated: the config's ``preprocessing`` dict.
        image_size: the config's ``image_size``, which stands above both.
        where: the model's name, for the message.

    Raises:
        ConfigError: unknown keys, or mean, std or size known from neither side.
    """
    known = [f.name for f in fields(Preprocessing)]
    stated = dict(stated or {})
    for key in stated:
        if key not in known:
            raise ConfigError(
                f'preprocessing: unknown key {key!r}. {closest(key, known)} Known keys: {", ".join(known)}.'
            )
    values = {**(found or {}), **stated}
    if image_size is not None:
        values['size'] = image_size
    missing = [name for name in ('size', 'mean', 'std') if name not in values]
    if missing:
        raise ConfigError(
            f'{where}: nothing that comes with this model says its {", ".join(missing)} (for transformers models '
            "a preprocessor_config.json does). State them in the encoder's config: "
            'preprocessing=dict(mean=(..), std=(..), size=224).'
        )
    return Preprocessing(**values)


def from_timm(data_config: Mapping[str, Any]) -> dict[str, Any]:
    """Preprocessing values from timm's resolved data config."""
    return {
        'size': tuple(data_config['input_size'][1:]),
        'mean': tuple(data_config['mean']),
        'std': tuple(data_config['std']),
        'interpolation': data_config['interpolation'],
        'crop_pct': data_config['crop_pct'],
    }


def from_processor(processor: Any) -> dict[str, Any]:
    """Preprocessing values from a transformers image processor, or from the dict of its file."""
    values = processor if isinstance(processor, Mapping) else processor.to_dict()
    # statistics are stated for pixels after rescaling; ours are for pixels in [0, 1]
    scale = values.get('rescale_factor', 1 / 255) * 255 if values.get('do_rescale', True) else 255.0
    normalize = values.get('do_normalize', True)
    result = {
        'mean': tuple(m / scale for m in values['image_mean']) if normalize else (0.0, 0.0, 0.0),
        'std': tuple(s / scale for s in values['image_std']) if normalize else (1 / scale,) * 3,
        'interpolation': _interpolation(values.get('resample')),
    }
    resized, cropped = _processor_size(values.get('size')), _processor_size(values.get('crop_size'))
    if cropped and values.get('do_center_crop', True):
        result['size'] = cropped
        if resized and min(resized) >= min(cropped):
            result['crop_pct'] = min(cropped) / min(resized)
    elif resized:
        result['size'] = resized
        result['crop_pct'] = float(values.get('crop_pct') or 1.0)
    return result


def _interpolation(code: int | None) -> str:
    if code is None:
        return 'bicubic'
    if int(code) not in _PIL_CODES:
        raise ConfigError(f'the image processor resamples by PIL code {int(code)}; known are {_PIL_CODES}.')
    return _PIL_CODES[int(code)]


def _processor_size(size: Any) -> tuple[int, int] | None:
    if size is None or isinstance(size, int):
        return None if size is None else (size, size)
    if isinstance(size, Mapping):
        edge = size.get('shortest_edge') or 0
        size = (size.get('height') or edge, size.get('width') or edge)
    return tuple(size) if min(size) > 0 else None
