"""Tables of timings from pytest-benchmark's JSON."""

import json

import pytest

from mmalm.analysis.timings import put_into, read_timings, seconds, timing_tables
from mmalm.errors import ConfigError, MissingDataError


def benchmark(group, param, median, iqr=0.01, rounds=5):
    stats = {'median': median, 'iqr': iqr, 'rounds': rounds}
    return {'group': group, 'name': f'test_x[{param}]', 'param': param, 'stats': stats}


CONTENT = {
    'machine_info': {'python_version': '3.11.7', 'cpu': {'brand_raw': 'A processor', 'count': 4}},
    'commit_info': {'id': '0123456789abcdef', 'dirty': True},
    'datetime': '2026-01-02T03:04:05',
    'benchmarks': [
        benchmark('a step', 'cached', 0.758),
        benchmark('features', 'read', 0.000376, 0.0000021, 20),
        benchmark('a step', 'pictures', 1.664, 0.5),
        benchmark('features', 'computed', 3.728),
    ],
}


@pytest.fixture
def file(tmp_path):
    file = tmp_path / 'b.json'
    file.write_text(json.dumps(CONTENT))
    return file


def test_ratios_within_each_group(file):
    step, features = timing_tables(read_timings(file))
    assert (step.title, step.header) == ('a step', ['', 'median', 'spread', 'rounds', 'ratio'])
    # 1.664 / 0.758 and 3.728 / 0.000376
    assert step.rows == [['cached', '758 ms', '10.0 ms', '5', '1.00'], ['pictures', '1.66 s', '500 ms', '5', '2.20']]
    assert features.rows == [
        ['read', '376 µs', '2.10 µs', '20', '1.00'],
        ['computed', '3.73 s', '10.0 ms', '5', '9,915'],
    ]


@pytest.mark.parametrize(
    ('value', 'text'),
    [(12.34, '12.3 s'), (1, '1.00 s'), (123.4, '123 s'), (0.0456, '45.6 ms'), (1e-6, '1.00 µs'), (2e-8, '0.02 µs')],
)
def test_units(value, text):
    assert seconds(value) == text


def test_a_document_gets_the_tables_between_its_marks(tmp_path, file):
    document = tmp_path / 'd.md'
    document.write_text('# Title\n\n<!-- timings: begin -->\nold\n<!-- timings: end -->\n\nAfter.\n')
    for _ in range(2):
        put_into(document, read_timings(file))
    text = document.read_text()
    head = 'A processor, 4 cores, Python 3.11.7, commit 012345678 with changes, 2026-01-02.'
    assert text.startswith(f'# Title\n\n<!-- timings: begin -->\n\n{head}\n')
    assert text.endswith('\n<!-- timings: end -->\n\nAfter.\n') and 'old' not in text
    assert '**a step**\n\n|  | median | spread | rounds | ratio |\n| --- | ---: |' in text
    assert text.count('| pictures | 1.66 s | 500 ms | 5 | 2.20 |') == 1


def test_mistakes(tmp_path, file):
    with pytest.raises(MissingDataError, match='make bench'):
        read_timings(tmp_path / 'none.json')
    for content in ('{}', '[]', 'no json', '{"benchmarks": [{"group": 1}]}'):
        (tmp_path / 'other.json').write_text(content)
        with pytest.raises(ConfigError, match='other.json is not what pytest-benchmark writes'):
            read_timings(tmp_path / 'other.json')
    with pytest.raises(MissingDataError, match='none.md'):
        put_into(tmp_path / 'none.md', CONTENT)
    (tmp_path / 'd.md').write_text('<!-- timings: begin -->')
    with pytest.raises(ConfigError, match='has no lines'):
        put_into(tmp_path / 'd.md', CONTENT)
