"""Files that are built of a data set's own: label files, as VL-T5 and VL-adapter have them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ..atomic import write_json
from ..datasets.gqa_files import read_official
from ..datasets.labels import choose_labels, label_files
from ..datasets.vqa_official import read_annotations
from ..errors import ConfigError
from ..metrics.vqa_normalise import normalise
from .catalog import Build

# an answer of VQA v2 has a label where it is the chosen one of so many questions
VQA_LEAST = 9


def build(root: Path, what: Build) -> int:
    """Build files below ``root``; gives how many entries they have.

    Raises:
        MissingDataError, ConfigError: of the files it is built of, or that no answer occurs often enough.
    """
    labels = BUILDERS[what.how]([root / name for name in what.needs])
    if not labels:
        raise ConfigError(f'{" and ".join(what.needs)} have too few answers to make labels of.')
    for name, content in label_files(labels).items():
        write_json(next(root / file for file in what.files if Path(file).name == name), content)
    return len(labels)


def vqa_labels(files: Sequence[Path]) -> list[str]:
    """Answers that 9 questions or more have as their ``multiple_choice_answer``, normalised as the evaluation does.

    The rule is that of the bottom-up-attention code of 2017, which VL-T5 took over: 3,129 answers in train and val.
    """
    answers = (a.multiple_choice_answer for file in files for a in read_annotations(file))
    return choose_labels((normalise(answer).replace(',', '') for answer in answers), VQA_LEAST)


def gqa_labels(files: Sequence[Path]) -> list[str]:
    """All answers of the balanced questions of train and val."""
    rows = (row for file in files for row in read_official(file, answered=True, notes=[]))
    return choose_labels((row.answers[0] for row in rows), 1)


BUILDERS: dict[str, Callable[[Sequence[Path]], list[str]]] = {'vqa_labels': vqa_labels, 'gqa_labels': gqa_labels}
