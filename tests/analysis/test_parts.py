"""Which part of a model each module belongs to."""

import torch
from torch import nn

from mmalm.analysis.parts import REST, Parts, parts_of


class Trunk(nn.Module):
    """Something before the layers, the layers, something after, one weight shared."""

    def __init__(self):
        super().__init__()
        # registered in another order than they run
        self.out = nn.Linear(3, 3)
        self.embed = nn.Embedding(5, 3)
        self.layers = nn.ModuleList(nn.Sequential(nn.Linear(3, 3)) for _ in range(3))
        self.head = nn.Linear(3, 5, bias=False)
        self.head.weight = self.embed.weight


def test_what_runs_before_and_after_the_layers():
    model = Trunk()
    parts = Parts(model, {'low': model.layers[:1], 'high': model.layers[1:], 'end': []}, (model.layers, 'low', 'end'))
    assert parts.names == ['low', 'high', 'end']
    for module in (model.embed, model.layers[0], model.layers[0][0], model.layers[2]):
        parts.enter(module)
    assert parts.of(model.embed) == 'low' and parts.of(model.layers[2][0]) == 'high'
    assert parts.of(None) == parts.of(model) == 'end'
    parts.enter(model.out)
    parts.enter(model.head)
    counts = {}
    for part, parameter in parts.parameters():
        counts[part] = counts.get(part, 0) + parameter.numel()
    # the shared weight counts with the embedding
    assert counts == {'end': 12, 'low': 15 + 12, 'high': 24}
    assert parts.blocks == {model.layers[0]: 'low', model.layers[1]: 'high', model.layers[2]: 'high'}


def test_any_other_model_by_its_children():
    model = nn.Module()
    model.a, model.b, model.act = nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2)), nn.ReLU()
    model.scale = nn.Parameter(torch.zeros(()))
    parts = parts_of(model)
    assert parts.names == ['a', 'b'] and parts.of(model.b[0]) == 'b' and parts.of(model) == REST
    assert [part for part, _ in parts.parameters()] == [REST, 'a', 'a', 'b', 'b']


def test_a_model_that_names_its_own():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model.cost_parts = lambda: {'first': [model[0]]}
    parts = parts_of(model)
    assert parts.names == ['first'] and parts.of(model[0]) == 'first' and parts.of(model[1]) == REST
