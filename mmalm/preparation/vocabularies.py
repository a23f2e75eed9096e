"""Which answers a classifier has: built from a data set's own files, by a rule that the vocabulary says itself.

Nothing is drawn: the same files give the same vocabulary, answers of one frequency in alphabetical order.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..datasets.blind import texts
from ..datasets.gqa_files import read_official
from ..datasets.labels import check_labels, choose_labels, vocabulary_content
from ..datasets.snli_ve import LABELS
from ..datasets.vqa_official import read_annotations
from ..errors import ConfigError, closest
from ..metrics.vqa_normalise import normalise


@dataclass(frozen=True)
class Rule:
    """How the answers of a data set are chosen.

    Attributes:
        says: in words; ``{least}`` stands for how often an answer occurs at least.
        files: below the data set's folder, that the answers are read from.
        answers: those of all questions, one by one; where there are no files, the vocabulary itself.
        least: how often an answer occurs, unless told.
        published: how many there are by this rule in the published files; None where that is open.
    """

    says: str
    files: tuple[str, ...]
    answers: Callable[[Sequence[Path]], Iterator[str]]
    least: int = 1
    published: int | None = None


def vqa_answers(files: Sequence[Path]) -> Iterator[str]:
    """What most annotators gave to each question of VQA v2, normalised as its evaluation does, and without commas."""
    for file in files:
        for annotation in read_annotations(file):
            yield normalise(annotation.multiple_choice_answer).replace(',', '')


def gqa_answers(files: Sequence[Path]) -> Iterator[str]:
    """The answers of GQA's balanced questions."""
    for file in files:
        for row in read_official(file, answered=True, notes=[]):
            yield row.answers[0]


VQA_RULE = (
    'answers that {least} questions or more have as multiple_choice_answer, normalised as the official evaluation does, without '
    'commas; the most frequent first'
)
RULES = {
    'vqav2': Rule(
        VQA_RULE,
        ('v2_mscoco_train2014_annotations.json', 'v2_mscoco_val2014_annotations.json'),
        vqa_answers,
        least=9,
        published=3129,
    ),
    'gqa': Rule(
        'answers that {least} balanced training questions or more have; the most frequent first',
        ('train_balanced_questions.json',),
        gqa_answers,
    ),
    'snli_ve': Rule('the three labels, in a fixed order', (), lambda _: iter(LABELS), published=3),
}


def find_rule(name: str) -> Rule:
    """The rule of a data set.

    Raises:
        ConfigError: there is none.
    """
    if name not in RULES:
        raise ConfigError(
            f'No rule for a vocabulary of {name!r}. {closest(name, RULES)} Known: {", ".join(RULES)}; or give a config file.'
        )
    return RULES[name]


def official_vocabulary(rule: Rule, root: Path, least: int | None = None) -> dict[str, Any]:
    """The content of a vocabulary file by a rule.

    Args:
        rule: of the data set.
        root: the data set's folder.
        least: how often an answer has to occur, if not as published.

    Raises:
        MissingDataError, ConfigError: of the files, or that no answer occurs so often.
    """
    least = rule.least if least is None else least
    files = [root / name for name in rule.files]
    answers = rule.answers(files)
    return _content(choose_labels(answers, least) if files else list(answers), rule.says.format(least=least), files)


def vocabulary_of(dataset: Any, name: str, config: Path, least: int = 1) -> dict[str, Any]:
    """The content of a vocabulary file: the foremost answers of a data set's samples.

    Args:
        dataset: any data set; its media are not read.
        name: how the rule calls it.
        config: the file that describes it, which stands for its sources.
        least: how often an answer has to occur.

    Raises:
        ConfigError: no answer occurs so often.
    """
    answers = Counter((sample.get('references') or [sample['answer']])[0] for sample in texts(dataset))
    answers.pop('', None)
    says = f'answers that {least} samples or more of {name} have; the most frequent first'
    return _content(choose_labels(answers.elements(), least), says, [config])


def _content(labels: Sequence[str], says: str, files: Sequence[Path]) -> dict[str, Any]:
    names = ' and '.join(file.name for file in files)
    if not labels:
        raise ConfigError(f'{names}: no answer occurs so often ({says}). Ask for less: --least 1.')
    return vocabulary_content(check_labels(labels, names), says, files)
