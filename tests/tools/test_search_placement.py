import json

import pytest
from in_process import tool
from tiny_dvp import write_dvp

QUICK = ('search.reward=likelihood', 'search.epochs=1')


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_dvp(tmp_path)


def test_search_and_train(config, tmp_path, monkeypatch, capsys):
    tool(monkeypatch, 'search_placement')(config, '--cfg-options', *QUICK)
    file = tmp_path / 'work_dirs/dvp_placement/placement.json'
    layer = json.loads(file.read_text())['layers'][0]
    tool(monkeypatch, 'train')(config, '--placement', 'auto', '--work-dir', tmp_path / 'run')
    assert json.loads((tmp_path / 'run/results.json').read_text())['config']['model']['schedule']['layer'] == layer
    # the checkpoint says where its prompt is, though this command does not
    tool(monkeypatch, 'test')(config, tmp_path / 'run/checkpoints/best', '--no-page')
    scored = json.loads((tmp_path / 'run/checkpoints/best_test.json').read_text())
    assert scored['config']['model']['schedule']['layer'] == layer
    tool(monkeypatch, 'search_placement')(config, '--resume', '--cfg-options', *QUICK)
    assert 'This run is finished' in capsys.readouterr().out


def test_timing_and_dry_run(config, monkeypatch, capsys):
    main = tool(monkeypatch, 'search_placement')
    main(config, '--time-rewards')
    assert 'each arm by itself' in capsys.readouterr().out
    main(config, '--dry-run')
    assert 'The dry run of this search is OK.' in capsys.readouterr().out
    for options in (
        ('--dry-run', '--resume'),
        ('--time-rewards', '--resume'),
        ('--time-rewards', '--launcher', 'pytorch'),
    ):
        with pytest.raises(SystemExit):
            main(config, *options)
