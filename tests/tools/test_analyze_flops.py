"""tools/analyze_flops.py as a command and in-process."""

import importlib.util
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_costs import cost_config, counted, plain_costs

from mmalm.errors import ConfigError

ROOT = Path(__file__).parents[2]
TOOL = ROOT / 'tools' / 'analyze_flops.py'


@pytest.fixture
def configs(tmp_path):
    """Two config files."""
    for kind in ('opt', 'llama'):
        model = cost_config(kind)['model']
        (tmp_path / f'{kind}.py').write_text(f'model = {model!r}\ntrain_cfg = dict(max_epochs=3)\n')
    return tmp_path


@pytest.fixture
def analyze(monkeypatch, capsys):
    """Run the tool's main here; returns its output."""
    monkeypatch.syspath_prepend(str(TOOL.parent))
    spec = importlib.util.spec_from_file_location('analyze_flops', TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module.gc, 'disable', lambda: None)
    monkeypatch.setattr('mmalm.analysis.costs.analyse', counted)

    def call(*arguments):
        module.main([*map(str, arguments)])
        return capsys.readouterr().out

    return call


SIZES = ('--text-length', 11, '--answer-length', 4, '--batch-size', 3)


def test_as_text(analyze, configs):
    out = analyze(configs / 'opt.py', *SIZES)
    assert 'Batch of 3; text of 11 tokens, of which the answer has 4.' in out and '655.4 kFLOP' in out
    assert 'epochs' not in out


def test_as_json(analyze, configs):
    found = json.loads(analyze(configs / 'opt.py', '--json', *SIZES))
    expected = json.loads(json.dumps(plain_costs().as_dict()))
    assert found == {'config': str(configs / 'opt.py'), **expected, 'run': None}


def test_a_run_and_options_in_a_file(analyze, configs):
    file = configs / 'new' / 'costs.json'
    run = ('--device', 'a100', '--samples', 100, '--utilisation', 0.5)
    changed = ('--cfg-options', 'model.soft_prompt.length=9', 'train_cfg.max_epochs=4')
    out = analyze(configs / 'opt.py', '--json', file, *run, '--batch-size', 4, '--devices', 2, *changed)
    found = json.loads(file.read_text())
    assert found['workload'] == dict(batch_size=2, text_length=32, answer_length=4, beams=1)
    assert found['parameters']['connector']['trainable'] == 736 + 4 * 32
    assert found['run']['steps'] == 100 and found['run']['fits'] and found['run']['utilisation'] == 0.5
    assert '100 samples, 4 epochs on 2 x NVIDIA A100 SXM 80 GB: 100 steps' in out


def test_side_by_side_and_drawn(analyze, configs):
    run = ('--device', 't4', '--samples', 10, '--epochs', 1, *SIZES)
    several = (configs / 'opt.py', '--compare', configs / 'llama.py', '--plot', configs / 'a.png')
    out = analyze(*several, *run)
    assert out.split()[:2] == ['opt', 'llama'] and 'time of the run' in out
    assert (configs / 'a.png').read_bytes().startswith(b'\x89PNG')
    assert [entry['workload']['batch_size'] for entry in json.loads(analyze(*several[:3], '--json', *SIZES))] == [3, 3]


def test_configs_of_one_name_are_told_apart_by_their_folders(analyze, configs):
    (configs / 'more').mkdir()
    again = configs / 'more' / 'opt.py'
    again.write_text((configs / 'opt.py').read_text())
    out = analyze(configs / 'opt.py', '--compare', again, *SIZES)
    assert out.split()[:2] == [str(configs / 'opt.py'), str(again)]


def test_every_fault_of_a_config_is_told(analyze, configs):
    faults = ('--cfg-options', 'model.schedule.type=SchedulX', 'model.head.type=HeadX')
    with pytest.raises(ConfigError, match=r'opt.py has 2 faults:(.|\n)*SchedulX(.|\n)*HeadX'):
        analyze(configs / 'opt.py', *faults)


@pytest.mark.parametrize('arguments', [('--device', 'h100'), ('--samples', '5'), ('--epochs', '2')])
def test_half_a_run(analyze, configs, arguments, capsys):
    with pytest.raises(SystemExit, match='2'):
        analyze(configs / 'opt.py', *arguments)
    assert '--device' in capsys.readouterr().err


def command(*arguments, cwd):
    environment = {**os.environ, 'MMALM_HOME': str(cwd / 'home'), 'HF_HUB_OFFLINE': '1', 'OMP_NUM_THREADS': '1'}
    call = [sys.executable, str(TOOL), *map(str, arguments)]
    return subprocess.run(call, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)


def test_mistakes_end_in_one_message(configs):
    done = command('opt.py', '--device', 'h10', '--samples', '5', *SIZES, cwd=configs)
    assert (done.returncode, done.stdout) == (2, '')
    assert done.stderr.startswith("error: no facts about a device 'h10'. Did you mean 'h100'")


@pytest.mark.slow
def test_the_largest_published_config_within_8_seconds_and_1_gb(tmp_path):
    """Seconds of one core, which are the wall's where nothing else runs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = command(ROOT / 'configs/epalm/opt6.7b_vit_l_vqa.py', '--json', cwd=tmp_path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert sum(p['all'] for p in json.loads(done.stdout)['parameters'].values()) == 6_966_014_976
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 8
    assert after.ru_maxrss < 10**6
    assert list(tmp_path.iterdir()) == []
