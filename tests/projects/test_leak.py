"""The leak experiment: which setting lets the answer through, and what is written."""

import json
import math

import pytest
import torch

from projects.epalm import leak


@pytest.mark.parametrize(('setting', 'leaks'), list(zip(leak.SETTINGS, [True, False, False], strict=True)))
def test_the_answer_is_seen_in_front_of_itself_only_as_released(setting, leaks):
    model = leak.Toy(setting, seed=0, init_std=0.3)
    ids, features = leak.draw(4, torch.Generator().manual_seed(0))
    other = ids.clone()
    other[:, -1] = 3 + (ids[:, -1] - 2) % leak.ANSWERS
    with torch.no_grad():
        change = (model(other, features) - model(ids, features))[:, -2].abs().max().item()
    assert change > 1e-2 if leaks else change == 0.0


def test_only_connectors_and_prompt_train():
    model = leak.Toy(leak.SETTINGS[0], seed=0, init_std=0.3)
    trained = {name.split('.')[0] for name, p in model.named_parameters() if p.requires_grad}
    assert trained == {'connector', 'prompt'}


def test_what_is_written(tmp_path, capsys):
    options = ['--out', str(tmp_path), '--seeds', '2', '--steps', '3', '--plot', str(tmp_path / 'a' / 'leak.png')]
    assert leak.main(options) == 0
    found = json.loads((tmp_path / 'leak.json').read_text())
    assert found['ln_answers'] == pytest.approx(math.log(8)) == pytest.approx(2.0794, abs=1e-4)
    assert [(run['visibility'], run['end'], run['seed']) for run in found['runs']] == [
        (visibility, end, seed) for visibility, end in (('all', 7), ('all', 8), ('causal', 7)) for seed in (0, 1)
    ]
    for run in found['runs']:
        assert len(run['losses']) == 3 and run['final'] == run['losses'][-1]
    assert (tmp_path / 'a' / 'leak.png').stat().st_size > 5000
    table = (tmp_path / 'leak.md').read_text()
    mean = sum(run['final'] for run in found['runs'][:2]) / 2
    assert f'| all, last layer left out (as released) | {mean:.3f} ± ' in table
    (tmp_path / 'leak.md').unlink()
    leak.main([*options, '--redraw'])
    assert (tmp_path / 'leak.md').read_text() == table


def test_a_run_is_repeatable_by_its_seed():
    one, again = (leak.train(leak.SETTINGS[2], 3, 4)['losses'] for _ in range(2))
    assert one == again != leak.train(leak.SETTINGS[2], 4, 4)['losses']


@pytest.mark.slow
def test_the_leak_is_learnt_and_nothing_else_gets_below_chance():
    least = [leak.train(setting, 0, 600)['final'] for setting in leak.SETTINGS]
    assert least[0] < 1.5 and min(least[1:]) > 0.98 * leak.LEAST
