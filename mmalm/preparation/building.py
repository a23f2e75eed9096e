"""Files that are built of a data set's own: label files, as VL-T5 and VL-adapter have them, vocabularies, what was packed."""

from collections.abc import Callable
from pathlib import Path

from ..atomic import write_json
from ..datasets.labels import choose_labels, label_files
from ..errors import ConfigError
from .catalog import Build
from .snli_ve_tables import unpack
from .vocabularies import RULES, gqa_answers, official_vocabulary, vqa_answers

# an answer of VQA v2 has a label where it is the chosen one of so many questions, one of GQA always
VQA_LEAST, GQA_LEAST = RULES['vqav2'].least, 1


def build(root: Path, what: Build) -> int:
    """Build files below ``root``; gives how many entries they have.

    Raises:
        MissingDataError, ConfigError: of the files it is built of, or that no answer occurs often enough.
    """
    return BUILDERS[what.how](root, what)


def vqa_labels(root: Path, what: Build) -> int:
    """Answers that 9 questions or more have as their ``multiple_choice_answer``, normalised as the evaluation does.

    The rule is that of the bottom-up-attention code of 2017, which VL-T5 took over: 3,129 answers in train and val.
    """
    return _write_labels(root, what, choose_labels(vqa_answers([root / name for name in what.needs]), VQA_LEAST))


def gqa_labels(root: Path, what: Build) -> int:
    """All answers of the balanced questions of train and val."""
    return _write_labels(root, what, choose_labels(gqa_answers([root / name for name in what.needs]), GQA_LEAST))


def vocabulary(name: str) -> Callable[[Path, Build], int]:
    """What builds the vocabulary of a data set by its rule."""

    def write(root: Path, what: Build) -> int:
        content = official_vocabulary(RULES[name], root)
        write_json(root / what.files[0], content)
        return content['count']

    return write


def snli_ve_tables(root: Path, what: Build) -> int:
    """Lines and pictures of OFA's table of a split."""
    return unpack(root / what.needs[0], root)


def _write_labels(root: Path, what: Build, labels: list[str]) -> int:
    if not labels:
        raise ConfigError(f'{" and ".join(what.needs)} have too few answers to make labels of.')
    for name, content in label_files(labels).items():
        write_json(next(root / file for file in what.files if Path(file).name == name), content)
    return len(labels)


BUILDERS: dict[str, Callable[[Path, Build], int]] = {
    'vqa_labels': vqa_labels,
    'gqa_labels': gqa_labels,
    'snli_ve_tables': snli_ve_tables,
    **{f'{name}_vocabulary': vocabulary(name) for name in RULES},
}
