"""Configs side by side."""

from dataclasses import replace

from tiny_costs import plain_costs

from mmalm.analysis.cost_comparison import compare_costs
from mmalm.analysis.devices import find_device
from mmalm.analysis.run_costs import estimate_run


def row(text, label):
    (line,) = [line for line in text.splitlines() if line.strip().startswith(label + '  ')]
    return [cell.strip() for cell in line.split('  ') if cell.strip()][1:]


def test_one_a_column():
    named = {'opt': plain_costs(), 'llama': plain_costs('llama')}
    text = compare_costs(named)
    assert text.splitlines()[0].split() == ['opt', 'llama']
    assert row(text, 'trainable') == ['736', '736'] and row(text, 'trainable, %')[0] == '1.2169'
    assert row(text, 'LM below injection') == ['1.245 MFLOP', '1.376 MFLOP']
    assert 'time of the run' not in text


def test_with_runs_and_models_that_do_not_generate():
    costs = plain_costs()
    silent = replace(costs, tallies={'training': costs.tallies['training']}, memory=replace(costs.memory, cache=None))
    run = estimate_run(costs, find_device('t4'), samples=300, epochs=2, utilisation=0.5)
    text = compare_costs({'a': costs, 'b': silent}, {'a': run, 'b': replace(run, memory=17 * 10**9, energy_kwh=None)})
    assert row(text, 'prefill')[1] == row(text, 'memory, generation')[1] == row(text, 'energy')[1] == '-'
    assert row(text, 'fits') == ['yes', 'no, needs 17.00 GB']
