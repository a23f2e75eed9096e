import pytest
from in_process import tool

from mmalm.search import simulation


def test_a_row_for_every_setting_and_gap(monkeypatch, capsys):
    monkeypatch.setattr(simulation, 'SETTINGS', {'small': {'arms': 4, 'steps': 20, 'draws': 3}})
    main = tool(monkeypatch, 'simulate_search')
    main('--repetitions', '4', '--gaps', '1', '2')
    rows = [line.split(' | ') for line in capsys.readouterr().out.splitlines()]
    assert [row[:2] for row in rows[2:]] == [['| small', '1'], ['| small', '2']]
    assert all(len(row) == len(rows[0]) == 11 for row in rows[2:])
    for wrong in (('--gaps', '0'), ('--gaps', 'nan'), ('--seed', '-1'), ('--repetitions', '0')):
        with pytest.raises(SystemExit):
            main(*wrong)
        assert '--seed is 0 or more' in capsys.readouterr().err
