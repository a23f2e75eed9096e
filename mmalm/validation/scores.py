"""What is asked, predicted, scored and chosen by: whether the data, the head, the metrics and the hooks go together."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ..errors import ConfigError, closest
from ..faults import Missing, attempt, config_node, part
from ..nodes import Node
from ..registry import BASELINES, HOOKS, METRICS

# attributes under which a hook keeps the name of the validation score it goes by
CHOOSING = ('best', 'monitor')


def check_scores(
    config: Mapping[str, Any], found: list[Node], built: Mapping[str, Any], model: Any, score: str | None = None
) -> None:
    """Metrics that could never give a score, and hooks that go by a score that no metric gives.

    Args:
        config: the whole of it.
        found: its nodes.
        built: metrics, baselines and hooks by path.
        model: on the meta device.
        score: that somebody will ask for.
    """
    predicts = part(part(model, 'head'), 'predicts')
    tasks = _closed_tasks(found, 'val_dataloader.dataset')
    metrics = {path: part for path, part in built.items() if _is(found, path, METRICS)}
    names: list[str] | None = []
    for path, metric in metrics.items():
        if not hasattr(type(metric), 'score_names'):
            names = None  # whatever it gives is known only with the first score
            continue
        given = attempt(lambda metric=metric: metric.score_names(tasks, predicts))
        if isinstance(given, Missing):
            names = None
            continue
        if not given:
            with config_node(path):
                attempt(lambda metric=metric: _refuse(_no_score(metric, tasks, predicts)))
        if names is not None:
            names += given
    for path, baseline in built.items():
        if tasks and _is(found, path, BASELINES):
            with config_node(path):
                attempt(lambda baseline=baseline: _check_baseline(baseline, tasks))
    if score is not None and config.get('val_dataloader') is not None:
        with config_node('metrics'):
            attempt(lambda: _check_wanted(config, score, names))
    hooks = {path: hook for path, hook in built.items() if _is(found, path, HOOKS)}
    for path, hook in hooks.items():
        wanted = next((part(hook, name) for name in CHOOSING if isinstance(part(hook, name), str)), None)
        if wanted is not None:
            with config_node(path):
                attempt(lambda wanted=wanted: _check_wanted(config, wanted, names))


def _check_baseline(baseline: Any, tasks: Mapping[str, bool]) -> None:
    writes = getattr(baseline, 'writes', False)
    if not any(closed != writes for closed in tasks.values()):
        kind, found = ('open', 'a closed set of answers') if writes else ('closed', 'no set of answers to choose from')
        raise ConfigError(
            f'{type(baseline).__name__} answers {kind} questions alone, and those asked have {found}: {", ".join(tasks)}. '
            f'For these: {"MajorityAnswer, KNearestNeighbours, LinearProbe" if writes else "ConsensusAnswer, NearestAnswer"}.'
        )


def _check_wanted(config: Mapping[str, Any], wanted: str, names: Sequence[str] | None) -> None:
    if config.get('val_dataloader') is None:
        raise ConfigError(
            f'goes by the validation score {wanted!r}, but the config has no val_dataloader. Add one, or set it to None.'
        )
    if not names or any(fnmatchcase(wanted, name) for name in names):
        return  # without any name the metrics are at fault themselves
    raise ConfigError(f'no metric gives the score {wanted!r}. {closest(wanted, names)} Scores: {", ".join(names)}.')


def _no_score(metric: Any, tasks: Mapping[str, bool] | None, predicts: Sequence[str] | None) -> str:
    asked = '' if tasks is None else f' for the tasks {", ".join(tasks)}'
    open_ones = [task for task, closed in (tasks or {}).items() if not closed]
    hint = f' Open questions, without answers to rank: {", ".join(open_ones)}.' if open_ones else ''
    return (
        f'{type(metric).__name__} would have nothing to score: the head predicts '
        f'{", ".join(predicts or ()) or "nothing"}{asked}.{hint} Change the metric, the head (rank, generate) or the tasks.'
    )


def _refuse(message: str) -> None:
    raise ConfigError(message)


def _closed_tasks(found: list[Node], path: str) -> dict[str, bool] | None:
    """Of each task of a data set, whether its questions come with a closed set of answers; None where it does not say."""
    for node in found:
        if node.path == path and hasattr(node.component, 'closed_tasks'):
            tasks = attempt(lambda node=node: node.component.closed_tasks(dict(node.arguments)))
            return tasks if isinstance(tasks, dict) else None
    return None


def _is(found: list[Node], path: str, registry: Any) -> bool:
    return any(node.path == path and node.registry is registry for node in found)
