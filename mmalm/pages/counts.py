"""What a data set consists of: counts a task, how often each answer is given, how long texts are."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

ANSWERS_SHOWN = 12
BINS = 12


def count_samples(samples: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts over all samples, and for each task.

    Args:
        samples: sample dicts; their pictures are not looked at.

    Returns:
        ``samples``, ``pictures``, ``tasks``: a list of dicts with ``task``, ``samples``, ``pictures``, ``questions`` and
        ``answers`` (different ones), ``closed`` (size of the answer set, None where open), ``distribution`` and
        ``lengths``.
    """
    by_task: dict[str, _Task] = {}
    pictures: set[Any] = set()
    total = 0
    for sample in samples:
        total += 1
        pictures.add(sample.get('media'))
        by_task.setdefault(str(sample.get('task', '')), _Task()).add(sample)
    return {
        'samples': total,
        'pictures': len(pictures),
        'tasks': [{'task': name, **task.summary()} for name, task in by_task.items()],
    }


class _Task:
    def __init__(self) -> None:
        self.pictures: set[Any] = set()
        self.questions: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.sets: set[tuple[str, ...]] = set()

    def add(self, sample: Mapping[str, Any]) -> None:
        self.pictures.add(sample.get('media'))
        self.questions[str(sample.get('question', ''))] += 1
        if sample.get('answer') is not None:
            self.answers[str(sample['answer'])] += 1
        self.sets.add(tuple(sample.get('answers') or ()))

    def summary(self) -> dict[str, Any]:
        closed = next(iter(self.sets)) if len(self.sets) == 1 else ()
        # an answer of the closed set that is never given is worth seeing
        for answer in closed:
            self.answers.setdefault(answer, 0)
        return {
            'samples': self.questions.total(),
            'pictures': len(self.pictures),
            'questions': len(self.questions),
            'answers': sum(1 for count in self.answers.values() if count),
            'closed': len(closed) or None,
            'distribution': distribution(self.answers),
            'lengths': {'question': lengths(self.questions), 'answer': lengths(self.answers)},
        }


def distribution(answers: Counter[str], shown: int = ANSWERS_SHOWN) -> dict[str, Any]:
    """The most frequent answers with counts and shares, and what the rest comes to.

    Returns:
        ``rows``: answer, count, share of all, width (share of the most frequent one's); ``others``: how many different
        answers are not shown, ``rest``: how many samples have one of these.
    """
    total, ordered = answers.total(), sorted(answers.items(), key=lambda entry: (-entry[1], entry[0]))
    most = ordered[0][1] if ordered else 0
    rows = [
        {'answer': answer, 'count': count, 'share': count / max(total, 1), 'width': count / max(most, 1)}
        for answer, count in ordered[:shown]
    ]
    return {'rows': rows, 'others': len(ordered[shown:]), 'rest': sum(count for _, count in ordered[shown:])}


def lengths(texts: Counter[str]) -> dict[str, Any]:
    """How many words texts have, and a histogram of at most 12 columns.

    Returns:
        ``text``: least, most and mean in words; ``columns``: dicts of ``start``, ``label`` (words), ``count`` and ``height``
        (share of the highest); empty where there are no texts.
    """
    words: Counter[int] = Counter()
    for text, count in texts.items():
        if count:
            words[len(text.split())] += count
    if not words:
        return {'text': 'none', 'columns': []}
    least, most = min(words), max(words)
    step = -(-(most - least + 1) // BINS)
    columns = []
    for start in range(least, most + 1, step):
        count = sum(words[n] for n in range(start, start + step))
        label = str(start) if step == 1 else f'{start}–{start + step - 1}'
        columns.append({'start': start, 'label': label, 'count': count})
    highest = max(column['count'] for column in columns)
    mean = sum(n * count for n, count in words.items()) / words.total()
    return {
        'text': str(least) if least == most else f'{least}–{most}, mean {mean:.1f}',
        'columns': [{**column, 'height': column['count'] / highest} for column in columns],
    }
