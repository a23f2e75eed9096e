"""Costs as text."""

from dataclasses import replace

from tiny_costs import cost_config, counted, plain_costs

from mmalm.analysis.cost_report import CONVENTIONS, describe_costs, describe_run
from mmalm.analysis.devices import find_device
from mmalm.analysis.run_costs import estimate_run
from mmalm.analysis.workload import Workload


def cells(text, label):
    """The row that starts with ``label``, its columns apart."""
    (line,) = [line for line in text.splitlines() if line.startswith(label + '  ')]
    return [cell.strip() for cell in line.removeprefix(label).split('  ') if cell.strip()]


def test_one_config():
    text = describe_costs(plain_costs(), 'a.py')
    assert text.startswith('a.py\nBatch of 3; text of 11 tokens, of which the answer has 4. ')
    training, generation, memory = text.split('\n\n')[1:4]
    # the closed formulas of test_costs.py: 589,824 forward, 655,360 backward
    assert cells(training, 'LM below injection') == [
        *('22,432', '0', '294.9 kMAC', '589.8 kFLOP', '655.4 kFLOP', '1.245 MFLOP')
    ]
    assert cells(training, 'all')[:2] == ['60,480', '736']
    assert cells(training, 'encoder')[2:] == ['13.17 kMAC', '26.34 kFLOP', '0 FLOP', '26.34 kFLOP']
    assert 'with cached features' in training and 'recomputed' not in training
    head = generation.splitlines()[0]
    assert 'prefill (7 tokens)' in head and 'a token at 8' in head and 'at 10' in head and '4 tokens, 1 beam' in head
    assert cells(memory, "optimizer's states") == ['0.01 MB']
    assert text.endswith(CONVENTIONS)


def test_recomputation_and_beams_where_there_are_some():
    config = cost_config(
        lm=dict(gradient_checkpointing=True), head=dict(type='GenerationHead', generate=dict(num_beams=2))
    )
    text = describe_costs(counted(config, Workload(2, 6, 2)), 'a.py')
    assert 'recomputed' in text and '2 beams. FLOPs' in text and '2 tokens, 2 beams' in text


def test_without_generation():
    costs = plain_costs()
    tallies = {'training': costs.tallies['training']}
    text = describe_costs(replace(costs, tallies=tallies, memory=replace(costs.memory, cache=None)), 'a.py')
    assert 'prefill' not in text and 'keys and values' not in text


class TestRun:
    def test_in_words(self):
        run = estimate_run(plain_costs(), find_device('t4'), samples=300, epochs=2, devices=2)
        text = describe_run(run)
        assert text.startswith('300 samples, 2 epochs on 2 x NVIDIA T4: 100 steps')
        assert 'at 35.0 % of the peak rate (an assumption; measure a step to know)' in text
        assert 'without a feature cache\n' in text and 'with features cached\n' in text
        assert 'fits: needs 1.00 GB of 16.00 GB' in text
        assert 'no units' not in text

    def test_what_does_not_fit(self):
        run = estimate_run(plain_costs(), find_device('t4'), samples=3, epochs=1, utilisation=0.5, caches_features=True)
        text = describe_run(replace(run, memory=17 * 10**9, missing_formats=('bfloat16',)))
        assert 'does not fit: needs 17.00 GB of 16.00 GB' in text
        assert 'no units for bfloat16' in text and '50.0 % of the peak rate (given' in text

    def test_a_cpu(self):
        run = estimate_run(plain_costs(), find_device('cpu'), samples=3, epochs=1, measured_step=2.0)
        text = describe_run(run)
        assert 'utilisation unknown' in text and 'energy' not in text and 'memory  needs' in text
