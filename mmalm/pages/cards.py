"""Predictions as the cards of a results page: which are shown, what each says."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

MODES = ('ranked', 'classified', 'generated')
VERDICTS = ('wrong', 'partly', 'right', 'unjudged')
SHOWN = 240
LEAST_PROBABILITY = 1e-12
SHOWN_PLAYERS = 96  # of what is played, which is larger and slower to make


def verdict(share: float | None) -> str:
    """In a word how right a prediction is: 1 is right, 0 wrong, between them partly; None is not judged."""
    if share is None:
        return 'unjudged'
    return 'right' if share >= 1 else 'wrong' if share <= 0 else 'partly'


def first_mode(prediction: Mapping[str, Any]) -> str:
    """The mode a prediction is sorted by: of those that are judged, or else given, the one of a closed set before the generated."""
    given = [mode for mode in MODES if prediction.get(mode) is not None]
    judged = [mode for mode in given if mode in (prediction.get('correct') or {})]
    return (judged or given or MODES[-1:])[0]


def first_verdict(prediction: Mapping[str, Any]) -> str:
    """The verdict on the mode a prediction is sorted by."""
    return verdict((prediction.get('correct') or {}).get(first_mode(prediction)))


def choose(predictions: Sequence[Mapping[str, Any]], count: int = SHOWN) -> list[int]:
    """Which predictions are shown: all where they are few, else so many.

    Half of the places, or more where there are too few right ones, are for what is not right, since that is what one looks
    for; within each half the draw is random, and the same every time.

    Returns:
        places in ``predictions``, ascending.
    """
    if len(predictions) <= count:
        return list(range(len(predictions)))
    order = sorted(range(len(predictions)), key=lambda i: _hash(str(predictions[i].get('id', i))))
    right = [i for i in order if first_verdict(predictions[i]) in ('right', 'unjudged')]
    others = [i for i in order if first_verdict(predictions[i]) in ('wrong', 'partly')]
    for_others = min(len(others), max(count // 2, count - len(right)))
    return sorted(others[:for_others] + right[: count - for_others])


def card(place: int, prediction: Mapping[str, Any]) -> dict[str, Any]:
    """What a card says of one prediction.

    Args:
        place: of the sample in its data set.
        prediction: as results hold it.

    Returns:
        ``modes``: dicts of mode, text and verdict; ``bars``: answers of the closed set from the likeliest on, with log-prob,
        share within the set, and whether it is the right one; ``margin``: log-prob between the first two, None if open.
    """
    correct = prediction.get('correct') or {}
    modes = [
        {'mode': mode, 'text': prediction[mode], 'verdict': verdict(correct.get(mode)), 'share': correct.get(mode)}
        for mode in MODES
        if prediction.get(mode) is not None
    ]
    bars = _bars(prediction)
    search = [prediction.get(key) for key in ('id', 'media', 'question', 'answer', *MODES)]
    search += prediction.get('references') or ()
    return {
        'place': place,
        'id': str(prediction.get('id', place)),
        'media': prediction.get('media'),
        'task': str(prediction.get('task', '')),
        'question': str(prediction.get('question', '')),
        'answer': prediction.get('answer'),
        'references': list(prediction.get('references') or ()),
        'modes': modes,
        'verdict': first_verdict(prediction),
        'share': correct.get(first_mode(prediction), 0.0),
        'predicted': prediction.get(first_mode(prediction)),
        'generated_verdict': verdict(correct.get('generated')),
        'bars': bars,
        'margin': bars[0]['log_prob'] - bars[1]['log_prob'] if len(bars) > 1 else None,
        'search': ' '.join(str(text) for text in search if text is not None).lower(),
    }


def _bars(prediction: Mapping[str, Any]) -> list[dict[str, Any]]:
    scores = prediction.get('scores') or {}
    ordered = sorted(scores.items(), key=lambda entry: -entry[1])
    if not ordered:
        return []
    # a classifier gives probabilities, of a few of its answers; ranking log-probabilities, whose shares are of the set
    if prediction.get('classified') is not None:
        shares = [value for _, value in ordered]
        ordered = [(answer, math.log(max(value, LEAST_PROBABILITY))) for answer, value in ordered]
    else:
        total = sum(math.exp(value - ordered[0][1]) for value in scores.values())
        shares = [math.exp(value - ordered[0][1]) / total for _, value in ordered]
    return [
        {
            'answer': answer,
            'log_prob': value,
            'share': share,
            'right': answer == prediction.get('answer'),
        }
        for (answer, value), share in zip(ordered, shares, strict=True)
    ]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
