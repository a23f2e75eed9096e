"""Whitelist training: a model names what trains, everything else is frozen.

Frozen means: no gradient, dropout, drop-path and batch statistics inactive, outside optimizer and checkpoint.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial

import torch
from torch import Tensor, nn

from mmalm.errors import ConfigError, closest
from mmalm.faults import attempt, config_node

from .trainable_table import TrainableRow, TrainableTable


class Whitelisted:
    """Mixin before ``nn.Module`` that trains only what a whitelist names.

    ``train()`` puts a module in train mode only where all its parameters train: a connector and the dropout inside it,
    but not the frozen layer that holds an adapter. The outermost module takes the mode it is given.
    """

    trainable_table: TrainableTable | None = None
    _live: tuple[str, ...] = ()

    def set_trainable(
        self, patterns: Sequence[str], expect: int | str | None = None, live: Sequence[str] = ()
    ) -> TrainableTable:
        """Make the named parameters trainable and freeze all others.

        What trains is held in float32 from here on, whatever the model was loaded in: steps smaller than the spacing of bfloat16's
        numbers, 0.4 to 0.8 % of a weight, would be lost.

        Args:
            patterns: globs over full parameter names, as in ``'connector.*'``.
            expect: how many parameters must train: a count, or a range such as ``'0.5%..1%'``; see
                :meth:`TrainableTable.check`.
            live: globs over module names that go into train mode, with all below them, though frozen: the live dropout
                some papers trained with.

        Raises:
            ConfigError: a pattern matches nothing.
            TrainingError: the trainable total is not what ``expect`` says.
        """
        if isinstance(patterns, str) or isinstance(live, str):
            raise ConfigError('trainable and live are lists of patterns; found a single string. Put it into [ ].')
        # a shared parameter answers to each of its names
        names = dict(self.named_parameters(remove_duplicate=False))
        modules = [name for name, _ in self.named_modules()]
        matched = []
        for key, given, there in (('trainable', patterns, names), ('live', live, modules)):
            for number, pattern in enumerate(given):
                with config_node(f'{key}.{number}'):
                    what = 'parameter' if there is names else 'module'
                    matched.append(attempt(partial(_require_match, pattern, there, what)))

        owner: dict[int, str] = {}
        for name, parameter in names.items():
            match = next((p for p in patterns if fnmatchcase(name, p)), None)
            if match is not None:
                owner.setdefault(id(parameter), match)
        unique = list(self.parameters())
        for parameter in unique:
            parameter.requires_grad_(id(parameter) in owner)
            if parameter.requires_grad and parameter.dtype in (torch.bfloat16, torch.float16):
                parameter.data = parameter.data.float()

        rows = []
        for pattern in dict.fromkeys(patterns):
            mine = [p for p in unique if owner.get(id(p)) == pattern]
            rows.append(TrainableRow(pattern, len(mine), sum(p.numel() for p in mine)))
        table = TrainableTable(tuple(rows), sum(p.numel() for p in unique))
        self.trainable_table = table
        if expect is not None:
            with config_node('expect_trainable'):
                attempt(lambda: table.check(expect), *matched)
        self._live = tuple(live)
        self.train(self.training)
        return table

    def train(self, mode: bool = True):
        """Set the mode of trained modules; frozen ones stay in eval mode."""
        super().train(False)
        if mode:
            for _, module in training_modules(self, self._live):
                module.training = True
            self.training = True
        return self


def training_modules(model: nn.Module, live: Sequence[str] = ()) -> Iterator[tuple[str, nn.Module]]:
    """Modules whose parameters all train, what stands in them, and the ``live`` ones, each with all below it.

    A module without parameters, such as dropout, belongs to the nearest module above it that has some.
    """

    def walk(name: str, module: nn.Module, inherited: bool) -> Iterator[tuple[str, nn.Module]]:
        parameters = list(module.parameters())
        trains = all(p.requires_grad for p in parameters) if parameters else inherited
        if name and any(fnmatchcase(name, pattern) for pattern in live):
            yield from module.named_modules(prefix=name)
            return
        if trains:
            yield name, module
        for child_name, child in module.named_children():
            yield from walk(f'{name}.{child_name}' if name else child_name, child, trains)

    yield from walk('', model, False)


def trained_state(model: nn.Module) -> dict[str, Tensor]:
    """What training changes: trainable parameters, and persistent buffers of modules in training.

    Returns:
        names in ``model`` to the tensors themselves (not copies).
    """
    state: dict[str, Tensor] = {name: p for name, p in model.named_parameters() if p.requires_grad}
    for prefix, module in training_modules(model, getattr(model, '_live', ())):
        for name, buffer in module.named_buffers(recurse=False):
            if name not in module._non_persistent_buffers_set:
                state[f'{prefix}.{name}' if prefix else name] = buffer
    return state


def _require_match(pattern: str, names: Sequence[str] | dict, what: str) -> None:
    if any(fnmatchcase(name, pattern) for name in names):
        return
    # patterns usually end in a wildcard: compare with the names' beginnings too
    beginnings = {'.'.join(name.split('.')[:depth]) + '.*' for name in names for depth in (1, 2, 3)}
    hint = closest(pattern, beginnings | set(names))
    heads = ', '.join(sorted({name.split('.')[0] for name in names if name}))
    raise ConfigError(
        f'The pattern {pattern!r} matches no {what} of the model. {hint}\n{what.capitalize()}s begin with: {heads}.'
    )
