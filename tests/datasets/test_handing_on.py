"""Arguments that are handed on stand in the signature, are checked, and come with their defaults."""

import inspect
from typing import Any, Literal

import pytest

from mmalm.datasets import ClothoDataset, GQADataset, JsonlDataset, NoCapsDataset
from mmalm.datasets.handing_on import SHARED, hands_on
from mmalm.datasets.rows import RowsDataset
from mmalm.nodes.walk import Node
from mmalm.registry import DATASETS
from mmalm.validation.signatures import node_faults


class Base:
    def __init__(self, rows: list, *, fold: Literal['all', 'fit'] = 'all', seed: int = 0, secret: bool = False):
        self.seen = (rows, fold, seed, secret)


class Part(Base):
    @hands_on(Base.__init__, 'fold', 'seed')
    def __init__(self, split: str = 'train', **shared: Any):
        self.shared = shared
        super().__init__([split], **shared)


def test_the_signature_has_their_names_types_and_defaults():
    signature = inspect.signature(Part)
    assert str(signature) == "(split: str = 'train', *, fold: Literal['all', 'fit'] = 'all', seed: int = 0)"
    assert Part(fold='fit').seen == (['train'], 'fit', 0, False)
    assert Part('val').shared == {'fold': 'all', 'seed': 0}


def test_others_are_refused_by_the_one_that_is_called():
    with pytest.raises(TypeError, match=r"Part.__init__: got an unexpected keyword argument 'secret'"):
        Part(secret=True)


def test_what_cannot_be_handed_on():
    with pytest.raises(ValueError, match="'folds' is no argument of Base.__init__"):
        hands_on(Base.__init__, 'folds')(Part.__init__)
    with pytest.raises(ValueError, match=r'it takes no \*\*others'):
        hands_on(Base.__init__, 'fold')(Base.__init__)


@pytest.mark.parametrize('reader', [ClothoDataset, GQADataset, JsonlDataset, NoCapsDataset])
def test_readers_are_checked_by_the_types_of_their_base(reader):
    known, base = inspect.signature(reader).parameters, inspect.signature(RowsDataset).parameters
    for name in SHARED if reader is not NoCapsDataset else [name for name in SHARED if name != 'fold']:
        assert (known[name].annotation, known[name].default) == (base[name].annotation, base[name].default)
    for wrong, message in (
        (dict(unreadable='leave'), "Choose from 'stop', 'leave_out'"),
        (dict(seed='x'), 'seed'),
        (dict(limits=3), "unknown argument 'limits'. Did you mean 'limit'"),
        (dict(candidate='x'), 'unknown argument'),
    ):
        arguments = dict(type=reader.__name__, **wrong)
        (fault,) = node_faults(Node('data', DATASETS, arguments, reader))
        assert message in str(fault)
