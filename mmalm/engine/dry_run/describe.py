"""What was shrunk from what to what, in words."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from mmalm.nodes import nodes

from .shrink import differences, has_shrink

# attributes of components, and how they are called
FACTS = {'num_layers': 'layers', 'depth': 'levels', 'hidden_size': 'H', 'embedding_size': 'E'}
DATA = ('train_dataloader', 'val_dataloader', 'test_dataloader')


def model_changes(config: Mapping[str, Any], real: nn.Module, small: nn.Module) -> list[tuple[str, str]]:
    """One line for every component of the model that shrinks itself: its path, and what it was and is."""
    lines = []
    for node in nodes(config):
        if node.path.startswith('model.') and has_shrink(node):
            inner = node.path.removeprefix('model.')
            parts = [_attribute(model, inner) for model in (real, small)]
            if all(isinstance(part, nn.Module) for part in parts):
                lines.append((node.path, f'{node.type}: {_module_change(*parts)}'))
    return lines


def _module_change(real: nn.Module, small: nn.Module) -> str:
    kind = getattr(getattr(getattr(real, 'model', None), 'config', None), 'model_type', None)
    words = [kind] if kind else []
    for attribute, word in FACTS.items():
        before, after = getattr(real, attribute, None), getattr(small, attribute, None)
        if before is not None and (attribute != 'embedding_size' or before != getattr(real, 'hidden_size', None)):
            words.append(f'{before} {word}' if word.islower() and before == after else _arrow(word, before, after))
    if getattr(real, 'widths', None):
        words.append(_arrow('D', _one(real.widths), _one(small.widths)))
    if hasattr(real, 'preprocessing'):
        words.append('picture ' + _arrow('', *('x'.join(map(str, m.preprocessing.size)) for m in (real, small))))
    counts = [f'{sum(p.numel() for p in model.parameters()):,}' for model in (real, small)]
    return ', '.join([*words, 'parameters ' + _arrow('', *counts)])


def setting_changes(real: Mapping[str, Any], small: Mapping[str, Any]) -> list[tuple[str, str]]:
    """One line for every setting outside the model that differs: path, and what it was and is."""
    own = [n.path for n in nodes(real) if has_shrink(n) and n.path.startswith(('model.', *DATA))]
    changed = []
    for path, before, after in differences(real, small):
        # what a component made of itself is told by what it became
        if any(path.startswith(f'{inside}.') for inside in own) or path == 'custom_hooks':
            continue
        if path == 'feature_cache.folder':
            after = "in the dry run's own folder"
        if path in DATA:
            continue
        changed.append((path, _arrow('', before, after)))
    return changed


def data_changes(config: Mapping[str, Any], counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """One line a data set: its path, and of how many samples it is now."""
    lines = []
    for node in nodes(config):
        key = node.path.split('.')[0]
        if key in counts and node.path == f'{key}.dataset':
            what = 'made-up samples' if has_shrink(node) else 'samples: it has no `shrink`, so these are the real ones'
            lines.append((node.path, f'{node.type}: {counts[key]:,} {what}'))
    return lines


def _arrow(word: str, before: Any, after: Any) -> str:
    text = f'{before}' if before == after else f'{before} -> {"left out" if after is None else after}'
    return f'{word} {text}'.strip()


def _one(widths: list[int]) -> Any:
    return widths[0] if len(set(widths)) == 1 else widths


def _attribute(module: Any, path: str) -> Any:
    for part in path.split('.'):
        module = getattr(module, part, None)
    return module
