"""What tools/list.py prints."""

import json
from pathlib import Path

import pytest
from in_process import tool

from mmalm.errors import ConfigError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(monkeypatch, capsys):
    main = tool(monkeypatch, 'list')
    monkeypatch.setenv('COLUMNS', '120')

    def run(*arguments: str) -> str:
        main(*arguments)
        return capsys.readouterr().out

    return run


def test_one_line_a_component_in_its_registry(run):
    out = run()
    groups = {block.splitlines()[0]: block.splitlines()[1:] for block in out.strip().split('\n\n')}
    (line,) = (line for line in groups['connector'] if 'LinearConnector' in line)
    assert line.split(maxsplit=1)[1] == "One linear projection with bias for each level's CLS token, or one for all."
    assert {'encoder', 'schedule', 'head', 'dataset', 'hook', 'optimizer', 'zoo'} <= set(groups)
    assert groups['metric'][-1] == "  MMEngine's: DumpResults"
    assert any(line.startswith('  zoo:dinov2-small ') for line in groups['zoo'])
    assert max(map(len, out.splitlines())) <= 120


def test_one_in_full(run):
    out = run('LinearConnector')
    assert out.startswith('LinearConnector (connector)\n\nOne linear projection')
    assert 'Connector j belongs to the j-th shallowest level.' in out
    tail = out.split('In a config:\n')[1]
    assert tail.splitlines() == [
        '  widths: list[int]  (given by what surrounds it)',
        '  hidden_size: int  (given by what surrounds it)',
        '  shared: bool = False',
        '  init_scale: float = 1.0',
    ]


def test_an_optimizer_without_its_paper(run):
    out = run('AdamW')
    assert 'betas: ' in out and 'begin{aligned}' not in out


def test_one_registry_with_parameters(run):
    out = run('--registry', 'tuner', '--verbose')
    words = [line.split()[0] for line in out.splitlines() if line.strip()]
    assert words[0] == 'tuner'
    assert words[words.index('SoftPrompt') + 1] == 'length:'


def test_architectures_are_asked_for(run):
    assert 'facebook/opt-2.7b' not in run()
    assert 'facebook/opt-2.7b' in run('--registry', 'architecture')
    assert run('facebook/opt-2.7b').startswith(
        'facebook/opt-2.7b (architecture)\n\ncausal language model, 2,651,596,800'
    )


def test_as_json(run):
    (found,) = json.loads(run('--json', 'SoftPrompt'))
    assert (found['name'], found['group'], found['own']) == ('SoftPrompt', 'tuner', True)
    assert found['parameters'][1] == {'name': 'width', 'type': 'int', 'default': None, 'given': True}
    assert found['parameters'][2] == {'name': 'mlp', 'type': 'bool', 'default': 'False', 'given': False}


def test_components_of_a_configs_own_imports(run):
    config = ROOT / 'projects' / 'example' / 'configs' / 'gated_pulses_stamps.py'
    assert run('--config', str(config), 'Pulses').startswith('Pulses (schedule)')


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['LinearConector'], "nothing is called 'LinearConector'. Did you mean 'LinearConnector'"),
        (['--registry', 'conector'], "no registry 'conector'. Did you mean 'connector'? There are: encoder, "),
    ],
)
def test_a_wrong_name_is_answered_with_near_ones(run, arguments, message):
    with pytest.raises(ConfigError) as caught:
        run(*arguments)
    assert str(caught.value).startswith(message)
