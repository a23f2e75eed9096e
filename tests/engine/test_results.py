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


def test_a_group_of_many_scores_is_counted():
    few = {f'vqa/question_type/what {i}': 0.5 for i in range(10)}
    assert len(score_table({'model': {'vqa/overall': 0.5, **few}}).splitlines()) == 12
    many = {**few, 'vqa/question_type/how many': 0.5, **{f'ranked/{i}': 0.5 for i in range(11)}}
    lines = score_table({'model': {'vqa/overall': 0.5, **many}}).splitlines()
    assert len(lines) == 14 and lines[-1] == 'vqa/question_type/*: 11 scores, in the results file'
