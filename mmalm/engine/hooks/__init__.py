"""Hooks every run has: checkpoints, the record of scalars, and progress on the terminal."""

from .checkpoint_hook import CheckpointHook
from .progress_hook import ProgressHook
from .record_hook import RecordHook

__all__ = ['CheckpointHook', 'ProgressHook', 'RecordHook']
