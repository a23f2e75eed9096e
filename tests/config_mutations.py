"""Configs spoilt at random, by a seed: what a user might mistype, leave out, misplace or overdo."""

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mmalm.config import plain
from mmalm.nodes import nodes
from mmalm.registry import Registry

# dicts whose keys are another library's: what is wrong in them is not for a signature to tell
FREE = ('config', 'custom_imports')
# values that are taken whatever they are: a folder, a share of something
TAKEN = ('folder', 'root', 'model', 'questions', 'annotations', 'images', 'question_format', 'answer_format', 'limit')


@dataclass(frozen=True)
class Mutation:
    """One spoilt config.

    Attributes:
        kind: how it was spoilt.
        path: where.
        config: the result.
        sure: it cannot be right, whatever else the config says.
        named: what a message must name of it, besides the path.
    """

    kind: str
    path: str
    config: dict
    sure: bool
    named: str = ''


def mutations(config: Any, seed: int, count: int) -> Iterator[Mutation]:
    """``count`` spoilt copies of a config."""
    generator = random.Random(seed)
    whole = {key: value for key, value in _plain(config).items() if not key.startswith('_')}
    names = {node.path: node for node in nodes(config)}
    made = 0
    while made < count:
        kind = generator.choice(list(KINDS))
        mutation = KINDS[kind](copy.deepcopy(whole), generator, names)
        if mutation is not None:
            made += 1
            yield mutation


def _plain(config: Any) -> dict:
    return plain(config)


def _places(
    node: Any, path: str = '', wanted: Callable[[Any], bool] = lambda value: True
) -> list[tuple[str, Any, Any]]:
    """(path, container, key) of all values below a node that are wanted."""
    found = []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        here = f'{path}.{key}' if path else str(key)
        if wanted(value):
            found.append((here, node, key))
        if key not in FREE:
            found += _places(value, here, wanted)
    return found


def _pick(config: dict, generator: random.Random, wanted: Callable[[Any], bool]) -> tuple[str, Any, Any] | None:
    places = _places(config, wanted=wanted)
    return generator.choice(places) if places else None


def _typo(name: str, generator: random.Random) -> str:
    spot = generator.randrange(len(name))
    return generator.choice([name[:spot] + 'q' + name[spot:], name[:spot] + name[spot + 1 :] + 'z', name + '_'])


def rename(config, generator, names):
    places = [p for p in _places(config) if isinstance(p[1], dict)]
    path, node, key = generator.choice(places)
    new = _typo(str(key), generator)
    while new.startswith('_'):  # a config's own variable
        new = _typo(str(key), generator)
    renamed = {new if k == key else k: v for k, v in node.items()}
    node.clear()
    node.update(renamed)
    return Mutation('rename', path, config, sure=True, named=new if key != 'type' else '')


def drop(config, generator, names):
    path, node, key = generator.choice(_places(config))
    del node[key]
    return Mutation('drop', path, config, sure=False)


def wrong_type(config, generator, names):
    path, node, key = _pick(config, generator, lambda value: not isinstance(value, (str, type(None))))
    value, new = node[key], None
    if isinstance(value, (bool, int, float)):
        new = generator.choice(['many', [value], {'value': value}])
    elif isinstance(value, (list, dict)):
        new = generator.choice([7, 'text', 0.5, True])
    node[key] = new
    return Mutation('wrong type', path, config, sure=key not in (*FREE, *TAKEN))


def out_of_range(config, generator, names):
    picked = _pick(config, generator, lambda value: isinstance(value, (int, float)) and not isinstance(value, bool))
    if picked is None:
        return None
    path, node, key = picked
    node[key] = generator.choice([-3, -1, -0.5, 0, 10**6, 10**9, float('nan'), float('inf')])
    sure = node[key] in (-3, -0.5) and key in (
        'lr',
        'levels',
        'length',
        'batch_size',
        'max_epochs',
        'accumulate',
        'start',
    )
    absurd = node[key] == 10**6 and path.startswith('model.') and key in ('levels', 'start', 'end', 'expect_trainable')
    return Mutation('out of range', path, config, sure=sure or absurd)


def swap_type(config, generator, names):
    path = generator.choice([p for p, node in names.items() if isinstance(node.registry, Registry)])
    node: Any = config
    for part in path.split('.'):
        node = node[int(part)] if isinstance(node, list) else node[part]
    of_the_same = generator.random() < 0.5
    choices = names[path].registry.names()
    if not of_the_same:
        others = ['AugmentedLM', 'LinearConnector', 'AdamW', 'StampsDataset', 'ProgressHook', 'os.getcwd', '', 'None']
        choices = [name for name in others if name not in choices]
    node['type'] = generator.choice(choices)
    return Mutation('type', path, config, sure=not of_the_same, named=repr(node['type']) if not of_the_same else '')


def misplace(config, generator, names):
    """A dict put one level too deep, or a node's arguments beside it."""
    places = [p for p in _places(config, wanted=lambda value: isinstance(value, dict) and value) if p[2] not in FREE]
    path, node, key = generator.choice(places)
    value = node[key]
    if generator.random() < 0.5:
        node[key] = {'inner': value}
        return Mutation('too deep', path, config, sure=True, named='' if 'type' in value else 'inner')
    moved = generator.choice(list(value))
    del node[key]
    if isinstance(node, list):
        return None
    node[f'{moved}_of_{key}'] = value[moved]
    return Mutation('beside', path, config, sure=True, named=f'{moved}_of_{key}')


def nothing(config, generator, names):
    path, node, key = generator.choice(_places(config))
    node[key] = None
    return Mutation('None', path, config, sure=False)


def empty(config, generator, names):
    path, node, key = _pick(config, generator, lambda value: isinstance(value, (list, dict)))
    node[key] = generator.choice([[], {}, ''])
    return Mutation('empty', path, config, sure=False)


def text_for_list(config, generator, names):
    picked = _pick(config, generator, lambda value: isinstance(value, list))
    if picked is None:
        return None
    path, node, key = picked
    node[key] = ', '.join(map(str, node[key])) or 'x'
    return Mutation('text for list', path, config, sure=key not in (*FREE, *TAKEN))


def other_text(config, generator, names):
    picked = _pick(config, generator, lambda value: isinstance(value, str))
    path, node, key = picked
    node[key] = _typo(node[key], generator) if node[key] else 'x'
    return Mutation('other text', path, config, sure=key in ('type', 'precision', 'best'))


KINDS = {
    'rename': rename,
    'drop': drop,
    'wrong type': wrong_type,
    'out of range': out_of_range,
    'type': swap_type,
    'misplace': misplace,
    'None': nothing,
    'empty': empty,
    'text for list': text_for_list,
    'other text': other_text,
}


def names_it(message: str, mutation: Mutation) -> bool:
    """Whether a message names the place of a mutation, or the node around it, and what was put there."""
    above, _, _ = mutation.path.rpartition('.')
    lines = [line.strip().removeprefix('- ') for line in message.splitlines()]
    places = [mutation.path, *([above] if above else [])]
    here = any(line.startswith((f'{place}:', f'{place}.')) for line in lines for place in places)
    # at the top a new key is named itself
    new = bool(mutation.named) and any(line.startswith(f'{mutation.named}:') for line in lines)
    return (here or new) and (not mutation.named or mutation.named in message)
