"""A whole placement search: from a config to a placement.json."""

import copy
import time
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ..config import placement_file, plain
from ..engine import distributed
from ..engine.checkpoint import base_models_of
from ..engine.facade import Facade, to_device
from ..engine.placement import FORMAT_VERSION
from ..engine.precision import autocast
from ..engine.results import now, write_results
from ..engine.train import fit
from ..engine.work_dir import run_folder
from ..sweep.plot import save_figure
from .plot import draw
from .set_up import Search, set_up
from .settings import arm_name
from .timing import time_rewards


def search(
    config: Config,
    work_dir: str | Path | None = None,
    resume: bool | str | Path | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Search where the prompt of a config belongs, and write ``placement.json`` and a figure.

    Args:
        config: as :func:`mmalm.config.load_config` gives it.
        work_dir: where all is written; ``work_dirs/<config name>_placement`` where None.
        resume: a checkpoint to go on from, or True for the newest whole one in ``work_dir``; without one, the search starts anew.
        seed: replaces the config's.

    Returns:
        what placement.json holds.
    """
    started, began = time.perf_counter(), now()
    folder = _folder(config, work_dir)
    with run_folder(folder):
        found = set_up(_seeded(config, seed), folder, resume)
        try:
            fit(found.run)
            content = {
                'started': began,
                **_outcome(found, config),
                'wall_seconds': round(time.perf_counter() - started, 2),
            }
        finally:
            found.hook.close()
            found.run.close()
        if distributed.is_main():
            content = write_results(folder / 'placement.json', content)
            names = [arm['name'] for arm in content['arms']]
            save_figure(
                draw(found.hook.history.read(), names, [arm['ahead'] for arm in content['arms']]), folder / 'search'
            )
        content = distributed.broadcast(content)
        found.run.runner.say(
            f'\n{_table(content)}\n\n{content["search_seconds"]:.0f} s, {content["reward_seconds"]:.0f} s of them for rewards. '
            f'Placement: {folder / "placement.json"}'
        )
    return content


def rewards_timed(
    config: Config, work_dir: str | Path | None = None, seed: int | None = None, repetitions: int = 5
) -> dict[str, float]:
    """Time the rewards of all arms on one batch of media, see :func:`~.timing.time_rewards`; nothing is trained or cached."""
    folder, config = _folder(config, work_dir), _seeded(config, seed)
    config.feature_cache = None
    with run_folder(folder):
        found = set_up(config, folder, None, train=False)
        facade = Facade(found.network, config.get('precision', 'fp32')).eval()
        try:
            batch = to_device(next(iter(found.hook.loader)), facade.device)
            with autocast(facade.precision, facade.device):
                return time_rewards(found.network, batch, found.hook.reward, repetitions)
        finally:
            found.hook.close()


def _folder(config: Config, work_dir: str | Path | None) -> Path:
    return Path(work_dir) if work_dir else placement_file(config.filename or 'run').parent


def _seeded(config: Config, seed: int | None) -> Config:
    """The config as its author wrote it but for the seed, and without a placement that was found before."""
    config = copy.deepcopy(config)
    config.seed = config.get('seed', 0) if seed is None else seed
    config.placement = None
    return config


def _outcome(found: Search, config: Config) -> dict[str, Any]:
    searcher, hook, arms = found.hook.searcher, found.hook, found.network.arms
    ahead, probabilities = searcher.tally.ahead(searcher.best), searcher.probabilities
    return {
        'format_version': FORMAT_VERSION,
        'layers': list(arms[searcher.best]),
        'confidence': searcher.tally.confidence(searcher.best),
        'base_models': base_models_of(found.network),
        'searcher': found.settings.searcher_config,
        'arms': [
            {
                'name': arm_name(arm),
                'layers': list(arm),
                'probability': float(probabilities[number]),
                'scored': int(searcher.tally.counts[number]),
                'ahead': None if ahead[number] != ahead[number] else float(ahead[number]),
            }
            for number, arm in enumerate(arms)
        ],
        'steps': found.run.runner.iter,
        'reward_batches': hook.batches,
        'skipped_batches': hook.skipped,
        'reward_seconds': round(hook.seconds, 2),
        'search_seconds': round(hook.elapsed, 2),
        'seed': found.run.config.seed,
        'config': plain(config),
    }


def _table(content: dict[str, Any]) -> str:
    width = max(len(arm['name']) for arm in content['arms'])
    lines = [f'{"":{width}}  preference  scored  points ahead of the best']
    for arm in content['arms']:
        ahead = '-' if arm['ahead'] is None else f'{arm["ahead"]:+.2f}'
        mark = '  <- found' if arm['layers'] == content['layers'] else ''
        lines.append(f'{arm["name"]:{width}}  {arm["probability"]:10.3f}  {arm["scored"]:6,}  {ahead:>6}{mark}')
    first = max(arm['probability'] for arm in content['arms'])
    equals = sum(arm['probability'] == first for arm in content['arms'])
    if equals > 1:
        lines.append(
            f'{equals} arms are preferred alike: the one found is the first of them, and no better by any reward.'
        )
    return '\n'.join(
        [*lines, f'Confidence that it is better than each other arm, at the least: {content["confidence"]:.2f}']
    )
