"""Whether a checkpoint stands on the base models that a config names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmalm.errors import CheckpointError


def refuse_other_bases(checkpoint: str | Path, description: Mapping[str, Any], model: Any, error: Exception) -> None:
    """Where a base model of the config is not on this machine: say so first if it is not even the checkpoint's.

    Args:
        checkpoint: its folder.
        description: its JSON.
        model: the config's, on the meta device; None where it could not be built.
        error: what is missing.

    Raises:
        CheckpointError: the checkpoint is of other base models.
    """
    apart = []
    for role, base in (description.get('base_models') or {}).items():
        part = model
        for name in role.split('.'):
            part = getattr(part, name, None)
        named = getattr(part, 'name', None)
        if named is not None and named != base.get('name'):
            apart.append(f'\n  {role}: {base.get("name")} in the checkpoint, {named} in the config')
    if apart:
        raise CheckpointError(
            f'{checkpoint} stands on other base models than the config names:{"".join(apart)}\n'
            'Give the config it was trained with, or its base model by --cfg-options. (The one the config names is not on this '
            'machine either.)'
        ) from error
