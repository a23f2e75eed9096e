"""Errors a user can act on: what was wrong, what was found, what to do.

Every mistake a user can make raises a subclass of :class:`MmalmError`; the tools print its message alone, without a traceback.
"""

import difflib
from collections.abc import Iterable


class MmalmError(Exception):
    """Base of all errors that are the user's to solve."""

    def __str__(self) -> str:  # KeyError-like reprs would hide the line breaks
        return '\n'.join(str(arg) for arg in self.args)


class ConfigError(MmalmError, ValueError):
    """A config names something unknown, or gives a component arguments it cannot take.

    Attributes:
        config_node: path of the config node at fault, as in ``model.encoder``, where it is known.
    """

    config_node: str = ''

    def __str__(self) -> str:
        message = super().__str__()
        return f'config node {self.config_node!r}: {message}' if self.config_node else message


class MissingDataError(MmalmError, FileNotFoundError):
    """A file, package, model or data set that is needed is not there."""


class CheckpointError(MmalmError):
    """A checkpoint is damaged, unsafe to read, or of another model."""


class TrainingError(MmalmError):
    """A run cannot go on: non-finite loss, nothing to train, a wrong trainable count."""


def closest(name: str, names: Iterable[str], count: int = 3) -> str:
    """Return 'Did you mean ...?' with the closest valid names, or an empty string when nothing is near.

    Args:
        name: what the user wrote.
        names: the valid names.
        count: how many suggestions at most.
    """
    names = sorted(map(str, names))
    lowered = {n.lower(): n for n in names}
    found = difflib.get_close_matches(str(name).lower(), lowered, n=count, cutoff=0.6)
    if not found:
        return ''
    return 'Did you mean ' + ' or '.join(repr(lowered[f]) for f in found) + '?'


def check_choice(owner: str, what: str, value: object, choices: Iterable[str]) -> None:
    """Refuse a value that is none of a few names.

    Args:
        owner: whose argument it is, such as a component's class name.
        what: the argument.
        value: what the user gave.
        choices: the valid names.

    Raises:
        ConfigError: names the argument, the value and the choices.
    """
    choices = list(choices)
    if value not in choices:
        parts = (
            f'{owner}: unknown {what} {value!r}.',
            closest(str(value), choices),
            f'Choose from {", ".join(choices)}.',
        )
        raise ConfigError(' '.join(filter(None, parts)))


def check_tasks(owner: str, tasks: object, known: Iterable[str]) -> None:
    """Refuse what is no list of one or more known tasks.

    Args:
        owner: the data set's class name.
        tasks: what the user gave.
        known: the tasks there are.

    Raises:
        ConfigError: names the tasks and what was found.
    """
    known = list(known)
    if not isinstance(tasks, (list, tuple)) or not tasks:
        raise ConfigError(f'{owner}: tasks is a list of {", ".join(known)}; found {tasks!r}.')
    for task in tasks:
        check_choice(owner, 'task', task, known)
