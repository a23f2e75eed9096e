"""The costs of several configs side by side."""

from .cost_report import CONVENTIONS
from .costs import Costs
from .ledger import FORWARD
from .run_costs import RunCosts
from .units import duration, gigabytes, scaled, table


def compare_costs(named: dict[str, Costs], runs: dict[str, RunCosts] | None = None) -> str:
    """Configs side by side: one a column."""
    columns = list(named.values())

    def row(label: str, cells: list[str]) -> list[str]:
        return [label, *cells]

    def flops(tally: str, cached: bool = False, **where: object) -> list[str]:
        return [
            scaled(c.flops(tally, cached, **where) / c.workload.batch_size, 'FLOP') if tally in c.tallies else '-'
            for c in columns
        ]

    trained = [sum(p.trainable for p in c.parameters.values()) for c in columns]
    whole = [sum(p.all for p in c.parameters.values()) for c in columns]
    rows = [
        row('', list(named)),
        row('parameters', [f'{n:,}' for n in whole]),
        row('trainable', [f'{n:,}' for n in trained]),
        row('trainable, %', [f'{100 * t / w:.4f}' for t, w in zip(trained, whole, strict=True)]),
        row('batch size', [str(c.workload.batch_size) for c in columns]),
        row('forward', flops('training', phase=FORWARD)),
        row('training step', flops('training')),
        row('with cached features', flops('training', cached=True)),
    ]
    for part in dict.fromkeys(part for c in columns for part in c.parameters):
        rows.append(row(f'  {part}', flops('training', part=part)))
    rows += [
        row('prefill', flops('prefill')),
        row('a generated token', flops('first token')),
        row('memory, training', [gigabytes(c.memory.training) for c in columns]),
        row('memory, generation', [gigabytes(c.memory.generation) if c.memory.generation else '-' for c in columns]),
    ]
    for label, show in _RUN_ROWS.items() if runs else ():
        rows.append(row(label, [show(runs[name]) for name in named]))
    return table(rows) + '\n\nFLOPs are of one sample, memory is of the batch.\n' + CONVENTIONS


_RUN_ROWS = {
    'time of the run': lambda run: duration(run.seconds),
    'energy': lambda run: '-' if run.energy_kwh is None else f'{run.energy_kwh:.3g} kWh',
    'fits': lambda run: '-' if run.fits is None else 'yes' if run.fits else f'no, needs {gigabytes(run.memory)}',
}
