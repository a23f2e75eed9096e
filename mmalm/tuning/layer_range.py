"""The ``layers`` option of what is added to some of a language model's layers."""

from ..errors import ConfigError


def layer_range(owner: str, layers: tuple[int, int] | None, num_layers: int) -> tuple[int, int]:
    """First layer and one past the last; all of them for ``None``.

    Raises:
        ConfigError: the language model has no such layers.
    """
    first, end = (0, num_layers) if layers is None else layers
    if not 0 <= first < end <= num_layers:
        raise ConfigError(
            f'{owner}(layers={(first, end)}) does not fit a language model of {num_layers} layers: '
            f'0 <= first < end <= {num_layers} is needed.'
        )
    return first, end
