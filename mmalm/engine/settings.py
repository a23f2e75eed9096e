"""The top level of a config: which keys there are, and what must not stand in them."""

from collections.abc import Iterator, Mapping
from typing import Any

from mmalm.config import unwrapped
from mmalm.errors import ConfigError, closest

# key: what it is for
KEYS = {
    'model': 'the model, from the registry of models',
    'train_dataloader': 'batch_size, num_workers, shuffle and the dataset',
    'val_dataloader': 'the same for validation',
    'test_dataloader': 'the same for the test split, read by tools/test.py alone',
    'train_cfg': 'max_epochs, val_interval, val_begin',
    'optim_wrapper': 'optimizer, groups, accumulate, clip_norm',
    'param_scheduler': 'learning-rate schedule, or a list of them',
    'precision': "'fp32', 'bf16' or 'fp16'",
    'metrics': 'list of metrics',
    'baselines': 'list of baselines reported beside the score',
    'controls': 'dict(shuffled_media=True): score with pictures exchanged between samples',
    'feature_cache': 'dict(enabled=True, folder=None), or None',
    'load_from': 'checkpoint whose weights training starts from',
    'seed': 'of model, data order and everything random',
    'default_hooks': 'hooks every run has, by role; None leaves one out',
    'custom_hooks': 'list of further hooks',
    'visualizer': "MMEngine's visualizer, for backends beyond TensorBoard",
    'work_dir': 'where the run is written',
    'custom_imports': 'modules that register components of your own',
    'default_scope': "MMEngine's registry scope",
}


def check_config(config: Mapping[str, Any], needed: tuple[str, ...]) -> None:
    """Refuse what a run would ignore, and what it lacks.

    Keys that start with an underscore are a config's own variables.

    Raises:
        ConfigError: an unknown or a missing top-level key.
    """
    unknown = [key for key in config if key not in KEYS and not key.startswith('_')]
    if unknown:
        lines = ''.join(f'\n  - {key}. {closest(key, KEYS)}' for key in unknown)
        raise ConfigError(
            f'Top-level config keys that nothing reads:{lines}\nKnown: {", ".join(KEYS)}.\n'
            'A variable of the config itself starts with an underscore.'
        )
    for key in needed:
        if config.get(key) is None:
            raise ConfigError(f'The config lacks {key!r}: {KEYS[key]}.')


def refuse_test_split(config: Mapping[str, Any]) -> None:
    """Training and selection never look at test data.

    Raises:
        ConfigError: a training or validation data set is of the split ``test``.
    """
    for key in ('train_dataloader', 'val_dataloader'):
        for path, value in _splits(config.get(key), key):
            if str(value).lower().startswith('test'):
                raise ConfigError(
                    f'{path}={value!r}: only tools/test.py reads the test split, never training or validation. '
                    'Put it into test_dataloader.'
                )


def _splits(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == 'split':
                yield f'{path}.{key}', value
            else:
                yield from _splits(value, f'{path}.{key}')
    elif isinstance(node, (list, tuple)):
        for i, value in enumerate(node):
            yield from _splits(value, f'{path}.{i}')


__all__ = ['KEYS', 'check_config', 'refuse_test_split', 'unwrapped']
