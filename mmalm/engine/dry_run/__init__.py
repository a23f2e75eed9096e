"""``tools/train.py CONFIG --dry-run``: a config's own components and wiring at tiny widths, without network, weights or data."""

from .run import dry_run
from .stages import DryRunError

__all__ = ['DryRunError', 'dry_run']
