"""A run that is stopped on purpose after its first epoch, so that resuming it can be tried."""

from pathlib import Path
from typing import Any

from mmengine.hooks import Hook

from mmalm.registry import HOOKS


class Stopped(Exception):
    """The run was stopped where it was asked to be."""


@HOOKS.register_module()
class StopOnce(Hook):
    """Stops a dry run after an epoch, once; a run that is resumed has the same config and goes on.

    Args:
        marker: file that says that the run is to be stopped, and is removed when it is.
    """

    priority = 'LOWEST'  # the checkpoint is saved before

    def __init__(self, marker: str):
        self.marker = Path(marker)

    def after_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
        """Stop if asked to."""
        if self.marker.exists():
            self.marker.unlink()
            runner.visualizer.close()
            raise Stopped
