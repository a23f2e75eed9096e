"""What stands in for the picture of a question that has none: a white one, which the package brings along."""

from pathlib import Path

from ...errors import ConfigError

# the key of what has no file; no path below a root
BLANK = '(blank)'
FILE = Path(__file__).with_name('blank.png')
WAYS = ('blank', 'leave_out')


def is_blank(media: str) -> bool:
    """Whether a sample's ``media`` stands for nothing; in a mixed data set it has a prefix."""
    return media.rpartition('/')[2] == BLANK


def blank_or_left_out(owner: str, argument: str, how: str | None, without: int, total: int) -> str:
    """What is to become of questions that have no picture, and what there is to say of it; nothing is done in silence.

    Args:
        owner: the data set.
        argument: by which it is told.
        how: 'blank': a white picture is shown; 'leave_out'.
        without: questions that have none; one or more.
        total: all questions.

    Raises:
        ConfigError: it was not said, or is something else.
    """
    if how not in WAYS:
        raise ConfigError(
            f'{owner}: {without:,} of {total:,} questions have no picture. Say what is to become of them: '
            f"{argument}='blank' shows a white one in its place, {argument}='leave_out' takes the others alone; found {how!r}."
        )
    what = 'a white picture is shown in its place' if how == 'blank' else 'left out'
    return f'{without:,} of {total:,} questions have no picture: {what}'
