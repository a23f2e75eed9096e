"""Recorded weights in mmalm's modules."""

from collections.abc import Mapping

from torch import Tensor, nn

from ..errors import ConfigError


def load_recorded(
    module: nn.Module, tensors: Mapping[str, Tensor], prefix: str, allow_missing: tuple[str, ...] = ()
) -> None:
    """Load the tensors that begin with a prefix, which is left out of their names, and freeze the module.

    Raises:
        ConfigError: names that are missing, or that the module does not know.
    """
    weights = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
    missing, unexpected = module.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.startswith(allow_missing)] if allow_missing else missing
    if missing or unexpected:
        raise ConfigError(f'the recorded weights {prefix}* do not fit: missing {missing}, unexpected {unexpected}.')
    module.requires_grad_(False)
