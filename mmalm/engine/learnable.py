"""Whether a head can learn anything from its training data: a closed set of answers may have none of theirs."""

import random
from typing import Any

from torch import nn

from mmalm.datasets.blind import blind, without_input
from mmalm.errors import ConfigError

from . import distributed
from .seeded_samples import SeededSamples

# enough to tell a vocabulary of other data, and no time of millions of questions
LOOKED_AT = 1000
NAMED = 3


def refuse_unlearnable(model: nn.Module, dataset: Any, key: str, seed: int) -> None:
    """Look at some training samples, without their media, for the right answers that the model's head has.

    A sample whose answers it lacks has no loss: a training on such samples alone would run to its end and learn nothing.

    Args:
        model: whose ``head`` may have ``learns_from(sample)`` and ``answers``; heads without learn from every sample.
        dataset: the training split.
        key: of the loader, for errors.
        seed: of the choice of samples, and of what is random in them.

    Raises:
        ConfigError: none of them has a right answer among the head's.
    """
    head = getattr(model, 'head', None)
    if not hasattr(head, 'learns_from') or not len(dataset):
        return
    places = random.Random(f'{seed}:learnable').sample(range(len(dataset)), min(LOOKED_AT, len(dataset)))
    reader = SeededSamples(blind(dataset), seed)
    lacking = []
    for place in places:
        sample = reader[place]
        try:
            without_input(dataset, sample)
        except ConfigError:
            return  # a data set of one's own that cannot be had without media, which are too slow to read for this
        if not head.learns_from(sample):
            lacking.append(repr(sample.get('answer')))
    named = ', '.join(list(dict.fromkeys(lacking))[:NAMED])
    if len(lacking) == len(places):
        known = ', '.join(map(repr, head.answers[:NAMED])) + (', ...' if len(head.answers) > NAMED else '')
        raise ConfigError(
            f'{key}: nothing can be learnt: none of {len(places):,} training questions has its answer ({named}) among the '
            f'{len(head.answers):,} of model.head.answers ({known}). Give the head the answers of this data set: '
            'tools/build_vocabulary.py makes them.'
        )
    if lacking:
        distributed.say(
            f'{len(lacking):,} of {len(places):,} training questions looked at have no answer ({named}, ..) among the '
            f"head's {len(head.answers):,}: they have no loss."
        )
