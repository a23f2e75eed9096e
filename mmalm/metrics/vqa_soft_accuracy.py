"""How far annotators agree with an answer: the VQA accuracy of one question."""

from collections import Counter
from collections.abc import Sequence

from .vqa_normalise import normalise, tidy, without_punctuation

# an answer is fully right where so many of the other annotators gave it
ENOUGH = 3
SCRIPTS = ('current', 'older')
SOFT = ('counted', 'official')


def agreement(matching: int, total: int) -> float:
    """The mean over all leave-one-out sets of ``total`` annotators of min(1, matching / 3), 0 to 1.

    With ten annotators and 0, 1, 2, 3, 4 or more matching: 0, 0.3, 0.6, 0.9, 1.

    Args:
        matching: annotators who gave the answer.
        total: all annotators.
    """
    # where one who gave it is left out, one fewer matches
    without, within = min(1.0, max(matching - 1, 0) / ENOUGH), min(1.0, matching / ENOUGH)
    return (matching * without + (total - matching) * within) / total


def soft_accuracy(answer: str, human_answers: Sequence[str], script: str = 'current') -> float:
    """The accuracy of one answer, 0 to 1 (Antol et al., ICCV 2015, section 4; the official script's leave-one-out mean).

    Args:
        answer: the model's.
        human_answers: the annotators', ten in VQA v2.
        script: 'current': the official script as it is now. Where annotators differ, all answers are normalised; where all
            gave the same, nothing is, not even the model's answer. 'older': the script in its earlier form, which the
            released eP-ALM and VL-T5 carry: the model's answer is always normalised; the annotators' lose punctuation where
            they differ, and nothing else, so that a model's 'none' (made '0') never matches theirs.
    """
    if script == 'older':
        mine, theirs = normalise(answer), list(human_answers)
        if len(set(theirs)) > 1:
            theirs = [without_punctuation(human) for human in theirs]
    else:
        mine, theirs = tidy(answer), [tidy(human) for human in human_answers]
        if len(set(theirs)) > 1:
            mine, theirs = normalise(mine), [normalise(human) for human in theirs]
    return agreement(theirs.count(mine), len(theirs))


def soft_answers(human_answers: Sequence[str], rule: str = 'official') -> dict[str, float]:
    """The answers of one question that score, and how much: what a classifier is trained on, 0.3 to 1.

    With ten annotators 1, 2, 3 and 4 or more who agree give 0.3, 0.6, 0.9 and 1, which is the leave-one-out mean of
    :func:`agreement`. The rules differ in which answers are alike.

    Args:
        human_answers: the annotators', ten in VQA v2.
        rule: 'official': as the current official script compares, so that an answer's target is the accuracy it gets: answers
            are normalised where annotators differ. 'counted': annotators' answers letter by letter, as ViLT and the released DVP
            count them, so that 'two' and '2' are two answers, and the first has no place in a vocabulary of normalised ones.
    """
    given = [tidy(human) for human in human_answers]
    if rule == 'official' and len(set(given)) > 1:
        given = [normalise(human) for human in given]
    return {answer: agreement(count, len(given)) for answer, count in Counter(given).items() if answer}
