"""Everything a placement search consists of, built and checked before the first step."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ..config import plain, unwrapped
from ..engine import distributed
from ..engine.agreement import agree
from ..engine.data import DataBuilder, make_loader
from ..engine.evaluation import build_evaluator
from ..engine.facade import Facade
from ..engine.optim_constructor import build_optim_wrapper
from ..engine.resuming import checkpoint_to_resume
from ..engine.runner import Runner
from ..engine.setup import NEEDED, Run, build_model
from ..engine.work_dir import make_room
from ..errors import ConfigError
from ..registry import SEARCHERS
from ..validation import check
from .history import History
from .hook import SearchHook
from .resuming import refuse_another_search
from .rewards import reward_of
from .settings import Arm, SearchSettings
from .split import cut
from .super_network import SuperNetwork, check_placeable, super_config

# loader arguments that reward batches do not share with training
APART = ('dataset', 'batch_size', 'drop_last', 'shuffle')


@dataclass
class Search:
    """A search that is ready to run.

    Attributes:
        settings: the config's.
        network: all arms.
        hook: decides, scores and learns.
        run: the training underneath; None where nothing is to train.
    """

    settings: SearchSettings
    network: SuperNetwork
    hook: SearchHook
    run: Run | None


def set_up(config: Config, folder: Path, resume: bool | str | Path | None, train: bool = True) -> Search:
    """Build the super-network, its data and its runner.

    Args:
        config: of the model that is to be placed, with its seed.
        folder: the search's, held by this run.
        resume: see :func:`~mmalm.engine.resuming.checkpoint_to_resume`.
        train: False builds all but the run.

    Raises:
        MmalmError: whatever is wrong with the config, the data or the checkpoint; cheap mistakes before slow work.
    """
    settings, wide, arms = _widened(config)
    checkpoint = distributed.broadcast(checkpoint_to_resume(folder, resume) if distributed.is_main() else None)
    begun_with = {
        'search': plain(config.get('search') or {}),
        'arms': [list(arm) for arm in arms],
        'seed': config.seed,
    }
    if checkpoint is not None:
        refuse_another_search(checkpoint, begun_with)
    searcher = SEARCHERS.build(settings.searcher_config, key='search.searcher', arms=len(arms), seed=config.seed)
    model = build_model(wide, config.seed)
    agree(model)
    distributed.say(model.trainable_table.text())
    network = SuperNetwork.of(model, arms, settings.separate, config.model.get('visibility', 'causal'))
    reward = reward_of(settings.reward, network.head, lambda: build_evaluator(config.metrics))
    precision = wide.get('precision', 'fp32')
    # whether this device can compute in this precision, before features are computed
    build_optim_wrapper(Facade(network, precision), wide['optim_wrapper'], precision)
    loaders = _loaders(DataBuilder(network, wide.get('feature_cache'), config.seed), wide, settings)
    distributed.say(
        f'{len(arms)} arms over {len(loaders[0].dataset):,} training samples; {len(loaders[1].dataset):,} others of the training '
        'split give rewards.'
    )
    hook = SearchHook(
        network,
        searcher,
        loaders[1],
        reward,
        History(folder, distributed.is_main()),
        begun_with,
        settings.every,
        settings.dropout,
    )
    if not train:
        return Search(settings, network, hook, None)
    make_room(folder, checkpoint)
    runner = Runner(
        network,
        folder,
        loaders[0],
        wide.train_cfg,
        wide.optim_wrapper,
        precision=precision,
        default_hooks=wide.get('default_hooks'),
        custom_hooks=[hook],
        visualizer=wide.get('visualizer'),
        seed=config.seed,
        config=wide,
        resume=checkpoint,
    )
    return Search(settings, network, hook, Run(wide, folder, network, loaders[0], runner))


def _widened(config: Config) -> tuple[SearchSettings, Config, list[Arm]]:
    """What the search is to do, the super-network's config and its arms, all that is cheap to check being right."""
    asked = config.get('search') or {}
    likelihood = isinstance(asked, Mapping) and asked.get('reward') == 'likelihood'
    # settings are made of what has been checked alone
    checked = check(config, NEEDED if likelihood else (*NEEDED, 'metrics'))
    settings = SearchSettings(**unwrapped(asked))
    check_placeable(config.model)
    if checked.model is None:
        raise checked.absent[0]
    arms = settings.arms(checked.model.language_model.num_layers)
    wide = super_config(config, settings, arms)
    check(wide, NEEDED)
    return settings, wide, arms


def _loaders(data: DataBuilder, config: Config, settings: SearchSettings) -> tuple[Any, Any]:
    """Batches to train on and batches for rewards."""
    node = unwrapped(config.train_dataloader)
    training, held_out = cut(data.dataset(node, 'train_dataloader'), settings.share, config.seed)
    arguments = {name: value for name, value in node.items() if name != 'dataset'}
    size = settings.batch_size or arguments.get('batch_size', 1)
    if len(held_out) < size:
        raise ConfigError(
            f'search: {len(held_out):,} samples are held out for rewards, less than a batch of {size}. Raise search.share, or '
            'lower search.batch_size.'
        )
    shared = {name: value for name, value in arguments.items() if name not in APART}
    rewarding = make_loader(held_out, config.seed, batch_size=size, shuffle=True, drop_last=True, **shared)
    return make_loader(training, config.seed, **arguments), rewarding
