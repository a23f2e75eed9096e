"""Parts of a model that can be others though every weight of a checkpoint fits: where tokens enter, for instance."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmalm.config import plain
from mmalm.errors import CheckpointError

PARTS = ('connector', 'schedule', 'soft_prompt', 'adapters', 'lora', 'visibility', 'skip_blank')


def refuse_other_parts(
    folder: str | Path, saved: Mapping[str, Any] | None, config: Mapping[str, Any], advice: str
) -> None:
    """Refuse a checkpoint of a model that was put together in another way.

    Args:
        folder: the checkpoint's.
        saved: the config it was trained with; None where it does not say.
        config: the one it is used with, its placement taken in.
        advice: what to do.

    Raises:
        CheckpointError: a part is another.
    """
    before, now = (dict(plain((of or {}).get('model') or {})) for of in (saved, config))
    if not before:
        return
    for part in PARTS:
        if before.get(part) != now.get(part):
            raise CheckpointError(
                f'{folder} was trained with model.{part}={before.get(part)}, and the config has {now.get(part)}. {advice}'
            )
