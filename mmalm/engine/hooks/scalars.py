"""Reading the scalars that MMEngine's hooks collect."""

import statistics
from typing import Any

AVERAGED = ('loss', 'time', 'data_time', 'grad_norm')


def window_scalars(runner: Any, window: int) -> dict[str, float]:
    """Training scalars of the latest ``window`` steps: means, and the present learning rates.

    Returns:
        names without the ``train/`` prefix to values; times in seconds.
    """
    scalars = {}
    for name, history in runner.message_hub.log_scalars.items():
        if name.startswith('train/'):
            short = name.removeprefix('train/')
            is_rate = short == 'lr' or short.startswith('lr/')
            scalars[short] = float(history.current() if is_rate else history.mean(window))
    return scalars


def step_seconds(runner: Any) -> float | None:
    """The middle one of the seconds that this process's steps took, loading included; None where it made none."""
    history = runner.message_hub.log_scalars.get('train/time')
    taken = [] if history is None else history.data[0].tolist()
    return round(statistics.median(taken), 4) if taken else None
