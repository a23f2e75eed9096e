"""The costs of one config, and of a whole run, as text."""

from .costs import Costs
from .ledger import BACKWARD, FORWARD, RECOMPUTED
from .run_costs import RunCosts
from .units import duration, gigabytes, scaled, table

CONVENTIONS = """\
1 MAC = 2 FLOPs. Counted: matrix products, convolutions and attention's products of all pairs of tokens, future ones included.
Not counted: norms, activation functions, softmax, embedding look-ups, biases and other additions, the optimizer's step.
Backward: gradients of activations wherever something trains below, of weights only where they train.
A kernel that skips the future saves up to half of the language model's share of attention. GB = 10^9 bytes."""


def describe_costs(costs: Costs, name: str) -> str:
    """All of one config: FLOPs by part, generation, memory, conventions."""
    size = costs.workload
    beams = f', {costs.beams} beams' if costs.beams > 1 else ''
    answer = f', of which the answer has {size.answer_length}' if 'generation' in costs.tallies else ''
    head = (
        f'{name}\nBatch of {size.batch_size}; text of {size.text_length} tokens{answer}{beams}. '
        'FLOPs are of one sample, memory is of the batch.'
    )
    return '\n\n'.join([head, _training_table(costs), *_generation_table(costs), _memory_table(costs), CONVENTIONS])


def _training_table(costs: Costs) -> str:
    size = costs.workload.batch_size
    trains = {name: counts.trainable for name, counts in costs.parameters.items()}
    phases = [FORWARD, BACKWARD, *([RECOMPUTED] if costs.flops('training', phase=RECOMPUTED) else [])]

    def row(label: str, counts: tuple[str, str], cached: bool = False, **where: object) -> list[str]:
        forward = costs.flops('training', cached, phase=FORWARD, **where) / size
        found = [costs.flops('training', cached, phase=phase, **where) / size for phase in phases]
        return [
            label,
            *counts,
            scaled(forward / 2, 'MAC'),
            *(scaled(f, 'FLOP') for f in found),
            scaled(sum(found), 'FLOP'),
        ]

    rows = [['part', 'parameters', 'trainable', 'forward', *phases, 'training step']]
    for name, counts in costs.parameters.items():
        rows.append(row(name, (f'{counts.all:,}', f'{counts.trainable:,}'), part=name))
    whole = sum(counts.all for counts in costs.parameters.values())
    rows.append(row('all', (f'{whole:,}', f'{sum(trains.values()):,}')))
    rows.append(row('with cached features', ('', ''), cached=True))
    rows.append(row('of all, attention', ('', ''), attention=True))
    parts = len(costs.parameters)
    return table(rows, (1, parts + 1, parts + 2))


def _generation_table(costs: Costs) -> list[str]:
    if 'generation' not in costs.tallies:
        return []
    size = costs.workload
    label = {
        'perceive': 'perceive',
        'prefill': f'prefill ({size.question_length} tokens)',
        'first token': f'a token at {size.question_length + 1}',
        'last token': f'at {size.text_length - 1}',
        'generation': f'{size.answer_length} tokens, {costs.beams} beam{"s" if costs.beams > 1 else ""}',
    }
    rows = [['generation', *label.values()]]
    for name in [*costs.parameters, None]:
        where = {} if name is None else {'part': name}
        flops = [costs.flops(tally, **where) / size.batch_size for tally in label]
        rows.append([name or 'all', *(scaled(f, 'FLOP') for f in flops)])
    return [table(rows, (1, len(rows) - 1))]


def _memory_table(costs: Costs) -> str:
    memory = costs.memory
    rows = [['memory', '']]
    rows += [[f'weights, {dtype}', gigabytes(count)] for dtype, count in memory.weights.items()]
    rows += [
        ['gradients of what trains', gigabytes(memory.gradients)],
        ["optimizer's states", gigabytes(memory.optimizer)],
        ['activations for backward', gigabytes(memory.activations)],
        ["loss's logits", gigabytes(memory.logits)],
        ['working', gigabytes(memory.working)],
        ['training step', gigabytes(memory.training)],
    ]
    rules = [1, len(rows) - 1, len(rows)]
    if memory.cache is not None:
        rows += [
            ['keys and values, a token', gigabytes(memory.cache_per_token)],
            ['keys and values, at the end', gigabytes(memory.cache)],
            ['generation', gigabytes(memory.generation)],
        ]
    return table(rows, rules)


def describe_run(run: RunCosts) -> str:
    """An estimate in words."""
    several = f'{run.devices} x ' if run.devices > 1 else ''
    lines = [
        f'{run.samples:,} samples, {run.epochs} epochs on {several}{run.device}: {run.steps:,} steps, {scaled(run.flops, "FLOP")}'
    ]
    if run.utilisation is None:
        lines.append('utilisation unknown: no peak rate to compare with')
    else:
        how = 'an assumption; measure a step to know' if run.assumed else 'given, or from the measured step'
        lines.append(f'at {100 * run.utilisation:.1f} % of the peak rate ({how})')
    cache = 'features cached' if run.caches_features else 'without a feature cache'
    lines.append(f'time    {duration(run.seconds)}, {duration(run.step_seconds)} a step, {cache}')
    if run.seconds_other is not None:
        other = 'without a feature cache' if run.caches_features else 'with features cached'
        lines.append(f'        {duration(run.seconds_other)} {other}')
    if run.energy_kwh is not None:
        lines.append(f"energy  {run.energy_kwh:.3g} kWh at the boards' full power, the rest of the machine not counted")
    if run.fits is None:
        lines.append(f'memory  needs {gigabytes(run.memory)}')
    else:
        word = 'fits' if run.fits else 'does not fit'
        lines.append(
            f'memory  {word}: needs {gigabytes(run.memory)} of {gigabytes(run.capacity)}, 1 GB of it kept in reserve'
        )
    for dtype in run.missing_formats:
        lines.append(f'note    this device has no units for {dtype}: counted at its float32 rate')
    lines.append('Training steps alone: no validation, loading of data, checkpoints, or talk between devices.')
    return '\n'.join(lines)
