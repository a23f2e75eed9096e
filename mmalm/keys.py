"""The top level of a config: which keys there are, of what type, and what for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge


@dataclass(frozen=True)
class Key:
    """A top-level key.

    Attributes:
        annotation: type of its value.
        purpose: what it is for.
        nullable: None says the same as leaving it out.
    """

    annotation: Any
    purpose: str
    nullable: bool = True


KEYS = {
    'model': Key(Mapping, 'the model, from the registry of models'),
    'train_dataloader': Key(Mapping, 'batch_size, num_workers, shuffle and the dataset'),
    'val_dataloader': Key(Mapping, 'the same for validation'),
    'test_dataloader': Key(Mapping, 'the same for the test split, read by tools/test.py alone'),
    'train_cfg': Key(Mapping, 'max_epochs, val_interval, val_begin'),
    'optim_wrapper': Key(Mapping, 'optimizer, groups, accumulate, clip_norm'),
    'param_scheduler': Key(Mapping | Sequence, 'learning-rate schedule, or a list of them'),
    'precision': Key(Literal['fp32', 'bf16', 'fp16'], "'fp32', 'bf16' or 'fp16'", False),
    'metrics': Key(Sequence, 'list of metrics'),
    'baselines': Key(Sequence, 'list of baselines reported beside the score'),
    'controls': Key(Mapping, 'dict(shuffled_media=True): score with pictures exchanged between samples'),
    'feature_cache': Key(Mapping, 'dict(enabled=True, folder=None), or None'),
    'load_from': Key(
        str | Mapping, 'checkpoint whose weights training starts from, or one for each modality by its name'
    ),
    'search': Key(Mapping, 'how tools/search_placement.py searches the layer of the prompt'),
    'placement': Key(
        str | Mapping, "the layer of the prompt: a file of tools/search_placement.py, or 'auto' for this config's"
    ),
    'seed': Key(Annotated[int, Ge(0)], 'of model, data order and everything random', False),
    'default_hooks': Key(Mapping, 'hooks every run has, by role; None leaves one out'),
    'custom_hooks': Key(Sequence, 'list of further hooks'),
    'visualizer': Key(Mapping, "MMEngine's visualizer, for backends beyond TensorBoard"),
    'work_dir': Key(str, 'where the run is written'),
    'custom_imports': Key(Mapping, 'modules that register components of your own'),
    'default_scope': Key(str, "MMEngine's registry scope"),
}

# hooks every run has, by role; a config's default_hooks replace them
DEFAULT_HOOKS = {
    'runtime_info': {'type': 'RuntimeInfoHook'},
    'timer': {'type': 'IterTimerHook'},
    'record': {'type': 'RecordHook'},
    'progress': {'type': 'ProgressHook'},
    'param_scheduler': {'type': 'ParamSchedulerHook'},
    'checkpoint': {'type': 'CheckpointHook'},
}


def is_own(key: str) -> bool:
    """Whether a key is a config's own variable: its name starts with an underscore."""
    return key.startswith('_')
