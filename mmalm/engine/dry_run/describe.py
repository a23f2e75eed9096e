"""What was shrunk from what to what, in words."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from mmalm.config import ABSENT, differences

from .shrink import components, has_shrink

# attributes of components, and how they are called
FACTS = {'num_layers': 'layers', 'depth': 'levels', 'hidden_size': 'H', 'embedding_size': 'E'}


def changes(
    stated: Mapping[str, Any],
    real: Mapping[str, Any],
    small: Mapping[str, Any],
    models: tuple[nn.Module, nn.Module],
    samples: Mapping[str, int],
) -> list[tuple[str, str]]:
    """All that a dry run changed: path in the config, and what was and is there.

    Args:
        stated: the config as written.
        real: as this machine can run it.
        small: in miniature.
        models: built from the last two.
        samples: of the data set of each loader, by the loader's key, in miniature.
    """
    adapted = [(path, _arrow('', before, after)) for path, before, after in differences(stated, real)]
    told = [*_model_changes(real, *models), *_data_changes(real, samples)]
    return [*adapted, *told, *_setting_changes(real, small, [f'{path}.' for path, _ in told])]


def _model_changes(config: Mapping[str, Any], real: nn.Module, small: nn.Module) -> list[tuple[str, str]]:
    lines = []
    for node in components(config):
        if node.path.startswith('model.') and has_shrink(node):
            parts = [part_at(model, node.path) for model in (real, small)]
            if all(isinstance(part, nn.Module) and any(True for _ in part.parameters()) for part in parts):
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
        words.append(
            _arrow('picture' if real.modality == 'image' else real.modality, *(_input(m) for m in (real, small)))
        )
    counts = [f'{sum(p.numel() for p in model.parameters()):,}' for model in (real, small)]
    return ', '.join([*words, 'parameters ' + _arrow('', *counts)])


def _input(encoder: nn.Module) -> str:
    """The size of one input: '224x224' of a picture, whose channels go without saying, '8x3x224x224' of a clip."""
    shape = encoder.blank(1, 'meta').shape[1:]
    return 'x'.join(map(str, shape[1:] if encoder.modality == 'image' else shape))


def _setting_changes(real: Mapping[str, Any], small: Mapping[str, Any], told: list[str]) -> list[tuple[str, str]]:
    lines = []
    for path, before, after in differences(real, small):
        if any(path.startswith(beginning) for beginning in told):
            continue
        if path == 'model.expect_trainable':
            after = 'left out, having been checked on the real model'
        if path == 'feature_cache.folder':
            after = "in the dry run's own folder"
        lines.append((path, _arrow('', before, after)))
    return lines


def _data_changes(config: Mapping[str, Any], samples: Mapping[str, int]) -> list[tuple[str, str]]:
    lines = []
    for node in components(config):
        key = node.path.split('.')[0]
        if key in samples and node.path == f'{key}.dataset':
            what = 'made-up samples' if has_shrink(node) else 'samples: it has no `shrink`, so these are the real ones'
            lines.append((node.path, f'{node.type}: {samples[key]:,} {what}'))
    return lines


def _arrow(word: str, before: Any, after: Any) -> str:
    nothing = (None, ABSENT)
    was, now = 'not stated' if before in nothing else before, 'left out' if after in nothing else after
    text = f'{was}' if before == after else f'{was} -> {now}'
    return f'{word} {text}'.strip()


def _one(widths: list[int]) -> Any:
    return widths[0] if len(set(widths)) == 1 else widths


def part_at(model: nn.Module, path: str) -> Any:
    """What a model has under the name of a config node such as ``model.encoder``; None where it has nothing of that name."""
    part: Any = model
    for name in path.split('.')[1:]:
        part = part[int(name)] if name.isdigit() and isinstance(part, nn.ModuleList) else getattr(part, name, None)
    return part
