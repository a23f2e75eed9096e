import json

from mmalm.engine.results import score_table, write_results


def test_results_are_written_with_the_environment(tmp_path):
    written = write_results(tmp_path / 'r.json', {'metrics': {'val': {'x': 0.5}}})
    assert json.loads((tmp_path / 'r.json').read_text()) == written
    assert written['metrics'] == {'val': {'x': 0.5}}
    assert set(written) == {'metrics', 'versions', 'hardware', 'commit'}
    assert written['commit'] is None or len(written['commit'].removesuffix('+changes')) == 40


def test_the_score_table_lines_up_and_marks_what_is_missing():
    text = score_table(
        {'model': {'ranked/overall': 0.5, 'generated/overall': 0.25}, 'base': {'ranked/overall': 0.3333333}}
    )
    assert text.splitlines() == [
        '                    model    base',
        'ranked/overall     0.5000  0.3333',
        'generated/overall  0.2500       -',
    ]
