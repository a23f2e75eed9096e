"""One summary token a level: CLS where there is one, else a pooled token the config names."""

from torch import Tensor

from ..errors import ConfigError, closest

POOLINGS = ('cls', 'mean', 'max')


def check_pooling(pooling: str, has_cls: bool, name: str) -> str:
    """Return ``pooling`` if the encoder can give it.

    Raises:
        ConfigError: unknown pooling, or 'cls' of an encoder that has no CLS token.
    """
    works = POOLINGS if has_cls else POOLINGS[1:]
    listed = ', '.join(repr(p) for p in works)
    if pooling not in POOLINGS:
        raise ConfigError(f'{name}: unknown pooling {pooling!r}. {closest(pooling, POOLINGS)} Choose one of {listed}.')
    if pooling not in works:
        raise ConfigError(f'{name} has no CLS token, so pooling={pooling!r} is not there. Choose one of {listed}.')
    return pooling


def pool(tokens: Tensor, pooling: str, prefix: int) -> Tensor:
    """Summarise one level.

    Args:
        tokens: ``[B, N, D]``, the ``prefix`` tokens (CLS first, registers, distillation) before the patches.
        pooling: 'cls' (token 0), 'mean' or 'max' over the patches.
        prefix: how many tokens are not patches.

    Returns:
        ``[B, D]``.
    """
    if pooling == 'cls':
        return tokens[:, 0]
    patches = tokens[:, prefix:]
    return patches.mean(1) if pooling == 'mean' else patches.amax(1)
