"""Architectures of well-known hub models as data, so that they build on the meta device without network.

One file a family in ``architectures/hub``: its ``role``, the ``source`` of its values, the ``shared`` part of the config, and
``models`` by hub name with what each has of its own. ``like`` names a model of the same file whose values are taken first.
``parameters`` is the published count, ``preprocessing`` what image encoders want of their pictures; neither is part of the config.
"""

import copy
import functools
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class KnownModel:
    """One hub model whose architecture is shipped.

    Attributes:
        name: on the hub, 'facebook/opt-2.7b'.
        family: the file it stands in.
        role: what it is used as, such as 'causal language model'.
        parameters: how many its published weights have.
        source: where the values are from.
        facts: its transformers config, with ``preprocessing`` where it reads pictures.
        like: the model whose architecture it has, if its file says so.
    """

    name: str
    family: str
    role: str
    parameters: int
    source: str
    facts: dict[str, Any]
    like: str | None = None


@functools.cache
def known_models() -> dict[str, KnownModel]:
    """All of them by hub name, family after family."""
    folder = resources.files(__package__) / 'architectures' / 'hub'
    found: dict[str, KnownModel] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        family = json.loads(file.read_text(encoding='utf-8'))
        for name, own in family['models'].items():
            facts = {**family['shared'], **_own(own, family['models'])}
            found[name] = KnownModel(
                name,
                file.name.removesuffix('.json'),
                family['role'],
                facts.pop('parameters'),
                family['source'],
                facts,
                own.get('like'),
            )
    return found


def _own(values: dict[str, Any], models: dict[str, dict]) -> dict[str, Any]:
    """A model's own values on top of those of the one it is like."""
    below = _own(models[values['like']], models) if 'like' in values else {}
    return {**below, **{key: value for key, value in values.items() if key != 'like'}}


def known_facts(name: str) -> dict[str, Any] | None:
    """The transformers config of a known hub model, the caller's to change; None for any other name."""
    model = known_models().get(name)
    return None if model is None else copy.deepcopy(model.facts)
