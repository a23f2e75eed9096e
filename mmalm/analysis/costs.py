"""What a config costs: parameters, FLOPs and memory, from one look at its model on the meta device."""

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from ..config import plain
from ..engine.precision import PRECISIONS
from ..errors import ConfigError, closest
from ..registry import MODELS
from .ledger import BACKWARD, FORWARD, RECOMPUTED, Entry, Ledger
from .memory import Memory, optimizer_bytes, weight_bytes
from .parts import ENCODER, Parts, parts_of
from .passes import cache_bytes, passes_of
from .workload import Workload

Tally = Counter[Entry]


@dataclass(frozen=True)
class PartParameters:
    """Parameters of one part; shared ones count where they stand first."""

    all: int = 0
    trainable: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Costs:
    """What one batch costs.

    Attributes:
        workload: the batch.
        beams: rows of text a sample in generation.
        parameters: by part, in the order data flows.
        tallies: FLOPs of the whole batch by pass: 'training' (forward and backward), and for models that generate 'perceive'
            (encoder, connector, soft prompt), 'prefill', 'first token', 'last token' (one beam each), and 'generation', which
            is all of it.
        memory: bytes.
    """

    workload: Workload
    beams: int
    parameters: dict[str, PartParameters]
    tallies: dict[str, Tally]
    memory: Memory

    def flops(self, tally: str, cached: bool = False, **where: Any) -> int:
        """FLOPs of a pass under what ``where`` names (phase, part, attention, dtype); ``cached``: without the encoder."""
        return sum(
            n
            for entry, n in self.tallies[tally].items()
            if not (cached and entry.part == ENCODER) and all(getattr(entry, k) == v for k, v in where.items())
        )

    def by_dtype(self, tally: str, cached: bool = False) -> dict[str, int]:
        """FLOPs of a pass by the number format computed in."""
        dtypes = {entry.dtype for entry in self.tallies[tally]}
        found = {str(dtype).removeprefix('torch.'): self.flops(tally, cached, dtype=dtype) for dtype in dtypes}
        return {dtype: flops for dtype, flops in sorted(found.items()) if flops}

    def as_dict(self) -> dict[str, Any]:
        """All of it for JSON; FLOPs of the whole batch."""
        tables = {}
        for name in self.tallies:
            parts = {part: self.flops(name, part=part) for part in self.parameters}
            tables[name] = {
                'parts': parts,
                'total': self.flops(name),
                'macs': self.flops(name) // 2,
                'with_cached_features': self.flops(name, cached=True),
                'attention': self.flops(name, attention=True),
                'dtypes': self.by_dtype(name),
            }
        phases = {
            phase: {part: self.flops('training', part=part, phase=phase) for part in self.parameters}
            for phase in (FORWARD, BACKWARD, RECOMPUTED)
        }
        return {
            'workload': {**asdict(self.workload), 'beams': self.beams},
            'parameters': {name: asdict(counts) for name, counts in self.parameters.items()},
            'flops': tables,
            'training_phases': phases,
            'memory': self.memory.as_dict(),
        }


def analyse(config: Mapping[str, Any], workload: Workload, model: nn.Module | None = None) -> Costs:
    """Run the config's model on the meta device and count; nothing is allocated or downloaded.

    Args:
        config: a whole config; read are ``model``, ``precision`` and ``optim_wrapper.optimizer``.
        workload: the batch.
        model: the config's model, where it has been built on the meta device already.

    Raises:
        ConfigError: a config without a model, a wrong precision, a model that does not say how it runs.
    """
    if config.get('model') is None:
        raise ConfigError("The config lacks 'model': there is nothing to count.")
    precision = config.get('precision', 'fp32')
    if precision not in PRECISIONS:
        raise ConfigError(
            f'precision={precision!r} is unknown. {closest(precision, PRECISIONS)} Known: {", ".join(PRECISIONS)}.'
        )
    with torch.device('meta'):
        if model is None:
            model = MODELS.build(plain(config['model']), key='model')
        parts, autocast = parts_of(model), PRECISIONS[precision]
        passes = passes_of(model, workload)
        training = _train(model, parts, passes, autocast)
        memory = {'activations': sum(training.saved.values()), 'working': 2 * training.largest}
        checkpointed = [m for m in model.modules() if getattr(m, 'gradient_checkpointing', False)]
        if checkpointed:
            with _switched_off(checkpointed):
                whole = _train(model, parts, passes, autocast).saved
            memory['activations'] += max(
                (whole[layer] for layer in parts.blocks if id(layer) in parts.layers), default=0
            )
        tallies = {'training': training.flops}
        if hasattr(passes, 'prefill'):
            made, cache = _generate(model, parts, passes, autocast, workload)
            tallies |= made
            memory |= cache
    settings = (config.get('optim_wrapper') or {}).get('optimizer')
    memory |= {
        'weights': weight_bytes(model),
        'gradients': sum(p.nbytes for p in model.parameters() if p.requires_grad),
        'optimizer': optimizer_bytes(model, settings),
        'logits': passes.logits_bytes() if hasattr(passes, 'logits_bytes') else 0,
    }
    return Costs(workload, getattr(passes, 'beams', 1), _parameters(parts), tallies, Memory(**memory))


def _train(model: nn.Module, parts: Parts, passes: Any, autocast: torch.dtype | None) -> Ledger:
    model.train()
    ledger = Ledger(model, parts, autocast)
    with ledger.open():
        loss = passes.training()
        with ledger.differentiating():
            loss.backward()
    model.zero_grad(set_to_none=True)
    return ledger


@torch.no_grad()
def _generate(
    model: nn.Module, parts: Parts, passes: Any, autocast: torch.dtype | None, workload: Workload
) -> tuple[dict[str, Tally], dict[str, int]]:
    model.eval()

    def counted(run: Any, *arguments: Any) -> tuple[Tally, int]:
        ledger = Ledger(model, parts, autocast)
        with ledger.open():
            cache = run(*arguments)
        return ledger.flops, 0 if cache is None else cache_bytes(cache)

    perceive, _ = counted(passes.perceive)
    prefill, held = counted(passes.prefill)
    # with a cache a token costs the same amount more than the one before; without, that amount grows evenly: three tell all
    tokens = [counted(passes.token, index) for index in range(2 if passes.cached else 3)]
    further = workload.answer_length - 1  # the first token comes from the prefill
    first, last = tokens[0][0], _sequence([t for t, _ in tokens], max(further - 1, 0))[0]
    everything = _sequence([t for t, _ in tokens], further)[1]
    generation = Counter(perceive)
    for _ in range(passes.beams):
        generation += prefill
        generation += everything
    tallies = {
        'perceive': perceive,
        'prefill': prefill,
        'first token': first,
        'last token': last,
        'generation': generation,
    }
    if not passes.cached:
        return tallies, {}
    step = tokens[1][1] - tokens[0][1]
    return tallies, {
        'cache': passes.beams * (held + further * step),
        'cache_per_token': step // workload.batch_size,
    }


def _sequence(first: list[Tally], index: int) -> tuple[Tally, Tally]:
    """Term ``index`` of a sequence given by its first terms, and the sum of all terms before it; exact up to second order."""
    term: Tally = Counter()
    total: Tally = Counter()
    for entry in first[0]:
        values = [tally[entry] for tally in first]
        slope = values[1] - values[0]
        bend = values[2] - 2 * values[1] + values[0] if len(values) > 2 else 0
        pairs, triples = index * (index - 1) // 2, index * (index - 1) * (index - 2) // 6
        term[entry] = values[0] + index * slope + pairs * bend
        total[entry] = index * values[0] + pairs * slope + triples * bend
    return term, total


def _parameters(parts: Parts) -> dict[str, PartParameters]:
    counts: dict[str, list[int]] = {name: [0, 0, 0] for name in parts.names}
    for part, parameter in parts.parameters():
        row = counts.setdefault(part, [0, 0, 0])
        row[0] += parameter.numel()
        row[1] += parameter.numel() * parameter.requires_grad
        row[2] += parameter.nbytes
    return {name: PartParameters(*row) for name, row in counts.items()}


@contextlib.contextmanager
def _switched_off(modules: list[nn.Module]) -> Iterator[None]:
    for module in modules:
        module.gradient_checkpointing = False
    try:
        yield
    finally:
        for module in modules:
            module.gradient_checkpointing = True
