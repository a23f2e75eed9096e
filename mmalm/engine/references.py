"""What a score is set against: baselines on the frozen features, and the score with pictures exchanged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from statistics import mean
from typing import Any

import torch
from mmengine.evaluator import Evaluator
from torch import Tensor, nn
from torch.utils.data import DataLoader

from mmalm.encoders.modalities import by_modality
from mmalm.encoders.perception import Perception
from mmalm.errors import ConfigError, closest
from mmalm.registry import BASELINES

from . import distributed
from .data import DataBuilder, set_epoch, whole_batches
from .evaluation import evaluate
from .facade import Facade, to_device
from .modalities import encoder_of


@dataclass(frozen=True)
class Controls:
    """The scores under changed data that are reported beside the model's own.

    Attributes:
        shuffled_media: every question gets the picture of another sample, by the data set's ``shuffle_media=<seed>``. A
            model that reads its pictures must lose by it.
    """

    shuffled_media: bool = False


def control_loaders(
    controls: Mapping[str, Any] | None, data: DataBuilder, loader_config: Mapping[str, Any], key: str
) -> dict[str, DataLoader]:
    """Loaders of the changed data of each control; built before training, so that a mistake shows at once.

    Args:
        controls: arguments of :class:`Controls`.
        data: builds the changed data set.
        loader_config: the loader's node, which stands under ``key`` in the config.
    """
    known = [field.name for field in fields(Controls)]
    for name in controls or {}:
        if name not in known:
            raise ConfigError(f'controls: unknown control {name!r}. {closest(name, known)} Known: {", ".join(known)}.')
    if not Controls(**(controls or {})).shuffled_media:
        return {}
    return {'shuffled_media': data.loader(loader_config, key, shuffle_media=data.seed)}


def run_controls(
    loaders: Mapping[str, DataLoader], facade: Facade, evaluator: Evaluator
) -> dict[str, dict[str, float]]:
    """The model's scores under each control."""
    return {name: evaluate(facade, loader, evaluator)[0] for name, loader in loaders.items()}


def run_baselines(
    baselines: Sequence[Mapping[str, Any]] | None,
    model: nn.Module,
    train: DataLoader,
    val: DataLoader,
    scored: DataLoader,
) -> dict[str, dict[str, float]]:
    """Accuracy of each baseline on each task with a closed answer set, and over all of them.

    Args:
        baselines: configs of the registry of baselines; each is fitted a task on the features of ``train``, its own
            settings chosen on ``val``.
        model: its encoder gives the features where the loaders give pictures.
        train, val: loaders of the training and validation split.
        scored: loader of the split that is reported.

    Returns:
        ``{baseline: {'ranked/overall': ..., 'ranked/<task>': ...}}``, named as the metric names the model's own. A task
        without samples in the training or validation split has no score, and then there is none over all tasks either.
        Of several processes the main one works them out, on all samples.
    """
    if not baselines:
        return {}
    report = _score_baselines(baselines, model, train, val, scored) if distributed.is_main() else None
    return distributed.broadcast(report)


def _score_baselines(
    baselines: Sequence[Mapping[str, Any]], model: nn.Module, train: DataLoader, val: DataLoader, scored: DataLoader
) -> dict[str, dict[str, float]]:
    # a task may be asked about pictures and about sounds: a baseline stands for one kind of features
    splits = [closed_set_features(model, loader) for loader in (train, val)]
    splits.append(splits[1] if scored is val else closed_set_features(model, scored))
    report: dict[str, dict[str, float]] = {}
    for number, config in enumerate(baselines):
        hits: dict[tuple[str, str], list[bool]] = {}
        # what was not trained has nothing a baseline could be fitted on, and then nothing stands for all tasks
        for kind in (kind for kind in splits[2] if kind in splits[0] and kind in splits[1]):
            (x, y), (val_x, val_y), (test_x, test_y) = (split[kind] for split in splits)
            baseline = BASELINES.build(config, key=f'baselines.{number}')
            baseline.fit(x, y, val_x, val_y)
            hits[kind] = [p == t for p, t in zip(baseline.predict(test_x), test_y, strict=True)]
        asked = {'overall': list(splits[2])} | {
            task: [kind for kind in splits[2] if kind[0] == task] for task in sorted({task for task, _ in splits[2]})
        }
        report[config['type']] = {
            f'ranked/{name}': mean([right for kind in kinds for right in hits[kind]])
            for name, kinds in asked.items()
            if kinds and all(kind in hits for kind in kinds)
        }
    return report


@torch.no_grad()
def closed_set_features(model: nn.Module, loader: DataLoader) -> dict[tuple[str, str], tuple[Tensor, list[str]]]:
    """Features and answers of the questions that have an answer set, by task and modality.

    Returns:
        ``{(task, modality): (features [N, K*D], N answers)}``; the modality is '' where nothing tells it.
    """
    device = next(model.parameters()).device
    model.eval()
    set_epoch(loader, 0)
    found: dict[tuple[str, str], tuple[list[Tensor], list[str]]] = {}
    with whole_batches(loader):
        for modality, _, batch in (part for mixed in loader for part in by_modality(mixed)):
            flat = _summaries(model, modality, batch, device).flatten(1).float().cpu()
            for i, task in enumerate(batch['task']):
                if batch['answers'][i]:
                    rows, answers = found.setdefault((task, modality or ''), ([], []))
                    rows.append(flat[i])
                    answers.append(batch['answer'][i])
    return {kind: (torch.stack(rows), answers) for kind, (rows, answers) in found.items()}


def _summaries(model: nn.Module, modality: str, batch: Mapping[str, Any], device: torch.device) -> Tensor:
    """Summary tokens of a batch ``[B, K, D]``; ``[B, sum of D_k]`` where levels differ in width."""
    if 'features' in batch:
        cls = Perception.from_features(batch['features']).cls
    else:
        encoder = encoder_of(model, modality)
        cls = encoder(to_device(batch[encoder.takes], device)).cls
    return torch.cat([level.flatten(1) for level in cls], 1) if isinstance(cls, list) else cls
