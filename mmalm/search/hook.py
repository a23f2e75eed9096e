"""The search on top of a training run: which arm trains, which are scored, what is learned.

Legend: k arms, N arms scored on one batch.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Protocol

from mmengine.hooks import Hook
from torch.utils.data import DataLoader

from ..datasets.progress import progress_bar
from ..engine import distributed
from ..engine.data import close, set_epoch
from ..engine.facade import to_device
from ..engine.precision import autocast
from ..errors import ConfigError, TrainingError
from .history import History
from .resuming import refuse_other_settings
from .rewards import Reward
from .searcher import Searcher
from .settings import Arm, arm_name

# reward batches one after the other that may be left out before a search gives up
MOST_SKIPPED = 5
COUNTED = ('steps', 'batches', 'skipped', 'skipped_in_a_row', 'seconds', 'elapsed')
# how often a search tells where it stands
TOLD = 10


class Arms(Protocol):
    """What a searched model has, beside ``loss(batch)``; see :class:`~.super_network.SuperNetwork`."""

    arms: list[Arm]

    def choose(self, arm: int) -> None: ...

    def rewards(self, batch: Any, arms: list[int], reward: Reward) -> list[tuple[float, float]]: ...


class SearchHook(Hook):
    """Before every batch an arm is chosen to train; after every ``every`` steps arms are scored on a batch that does not train.

    In several processes each has its part of a reward batch, and all learn from the means over the whole of it, so that they
    decide alike.

    Args:
        network: whose arms they are.
        searcher: decides and learns.
        loader: reward batches, gone through again and again.
        reward: what an arm is worth.
        history: the record.
        settings: what must be the same for a search to go on, as JSON values.
        every: training steps from one reward batch to the next.
        dropout: rewards are measured in train mode.

    Attributes:
        batches: reward batches so far; of these ``skipped`` taught nothing.
        seconds: spent on rewards, of ``elapsed`` in all; with those before a resumption, from the checkpoint it went on from.
    """

    priority = 'NORMAL'  # before what saves

    def __init__(
        self,
        network: Arms,
        searcher: Searcher,
        loader: DataLoader,
        reward: Reward,
        history: History,
        settings: dict[str, Any],
        every: int = 1,
        dropout: bool = False,
    ):
        self.network, self.searcher, self.loader, self.reward = network, searcher, loader, reward
        self.history, self.settings, self.every, self.dropout = history, settings, every, dropout
        self.steps = self.batches = self.skipped = self.skipped_in_a_row = 0
        self.seconds = self.elapsed = 0.0
        self.trained = 0
        self._rewarded = self._reward_batches()
        self._stack = ExitStack()

    def state(self) -> dict[str, Any]:
        """What a resumed search needs, as JSON values."""
        return {
            'searcher': self.searcher.state(),
            'settings': self.settings,
            **{name: getattr(self, name) for name in COUNTED},
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`.

        Raises:
            ConfigError: of a search with other settings.
        """
        refuse_other_settings(state['settings'], self.settings)
        self.searcher.load_state(state['searcher'])
        for name in COUNTED:
            setattr(self, name, state[name])

    def before_train(self, runner: Any) -> None:
        """Begin, or go on.

        Raises:
            ConfigError: there would be no reward at all.
        """
        if runner.max_iters < self.every:
            raise ConfigError(
                f'search.every={self.every} in a search of {runner.max_iters} steps gives no reward batch, so nothing would be '
                'found. Lower it, or raise search.epochs.'
            )
        self.ticked = time.perf_counter()
        self.history.begin(self.batches)
        shown = distributed.is_main()
        self._advance = self._stack.enter_context(progress_bar('search', runner.max_iters - runner.iter, shown))

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        self.trained = self.searcher.to_train()
        self.network.choose(self.trained)

    def after_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None) -> None:
        self._advance(1)
        if (runner.iter + 1) % max(1, runner.max_iters // TOLD) == 0:
            runner.say(f'step {runner.iter + 1:,} of {runner.max_iters:,}: {self.standing()}')

    def after_step(self, runner: Any) -> None:
        """Score arms, where it is due."""
        self.steps += 1
        if self.searcher.finished:
            runner.train_loop.stop_training = True  # at the end of this epoch
        elif self.steps % self.every == 0:
            started = time.perf_counter()
            self.score(runner)
            self.seconds += time.perf_counter() - started
        now = time.perf_counter()
        self.elapsed, self.ticked = self.elapsed + now - self.ticked, now

    def after_train(self, runner: Any) -> None:
        """End.

        Raises:
            TrainingError: nothing has been learned.
        """
        self.close()
        if self.skipped == self.batches:
            raise TrainingError(
                f'the search has learned nothing: {self.batches} reward batches, of which {self.skipped} had a reward that is not '
                'finite. Lower the learning rate, or search longer: search.epochs.'
            )

    def close(self) -> None:
        """End the progress bar and what loads reward batches."""
        self._stack.close()
        self._rewarded.close()
        close(self.loader)

    def score(self, runner: Any) -> None:
        """One reward batch.

        Raises:
            TrainingError: too many in a row taught nothing, or processes that have come apart.
        """
        scored = self.searcher.to_score()
        means = self._means(runner.model, next(self._rewarded), scored)
        rewards = [means[arm] for arm in scored]
        line = {'step': runner.iter, 'trained': self.trained, 'arms': scored, 'rewards': rewards}
        self.batches += 1
        try:
            self.searcher.learn(scored, rewards)
            self.skipped_in_a_row = 0
        except TrainingError as error:
            self.skipped += 1
            self.skipped_in_a_row += 1
            line['skipped'] = True
            line['rewards'] = None
            runner.say(f'step {runner.iter:,}: this reward batch is left out: {error}')
            if self.skipped_in_a_row > MOST_SKIPPED:
                raise TrainingError(
                    f'{self.skipped_in_a_row} reward batches in a row taught nothing: {error}'
                ) from error
        best = self.searcher.best
        self.history.add(
            {
                **line,
                'probabilities': self.searcher.probabilities.tolist(),
                'counts': self.searcher.tally.counts.tolist(),
                'best': best,
                'confidence': self.searcher.tally.confidence(best),
            }
        )

    def standing(self) -> str:
        """The three most preferred arms, and how sure the first is."""
        probabilities = self.searcher.probabilities
        first = sorted(range(len(probabilities)), key=lambda arm: -probabilities[arm])[:3]
        named = ', '.join(f'{arm_name(self.network.arms[arm])} {probabilities[arm]:.3f}' for arm in first)
        return f'{named}; confidence {self.searcher.tally.confidence(self.searcher.best):.2f}'

    def _means(self, facade: Any, batch: dict, scored: list[int]) -> dict[int, float]:
        """The reward of every arm that is scored, over all processes."""
        arms, measured = sorted(set(scored)), []
        if batch:
            if not self.dropout:
                facade.eval()
            with autocast(facade.precision, facade.device):
                measured = self.network.rewards(to_device(batch, facade.device), arms, self.reward)
            facade.train()
        decided = self.trained, scored
        parts = distributed.gather_everywhere((decided, measured))
        if any(part[0] != decided for part in parts):
            raise TrainingError(
                'the processes of this search have come apart: they train or score different arms. Go on with --resume.'
            )
        means = {}
        for place, arm in enumerate(arms):
            found = [part[place] for _, part in parts if part and part[place][1]]
            total = sum(weight for _, weight in found)
            mean = sum(value * weight for value, weight in found) / total if total else float('nan')
            means[arm] = self.reward.of_mean(mean)
        return means

    def _reward_batches(self) -> Iterator[dict]:
        """Reward batches from where the search stands, epoch after epoch."""
        while True:
            epoch, start = divmod(self.batches, len(self.loader))
            set_epoch(self.loader, epoch, start)
            yield from self.loader
