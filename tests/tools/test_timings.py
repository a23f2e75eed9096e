"""tools/timings.py on the real page."""

import json
import shutil
from pathlib import Path

from in_process import tool

ROOT = Path(__file__).parents[2]


def test_the_performance_page_takes_the_tables(tmp_path, capsys, monkeypatch):
    stats = {'median': 0.5, 'iqr': 0.1, 'rounds': 5}
    content = {
        'machine_info': {'python_version': '3.11.7'},
        'commit_info': {'id': 'abc', 'dirty': False},
        'datetime': '2026-01-02T03:04:05',
        'benchmarks': [{'group': 'a step [x]', 'name': 'test_step', 'param': None, 'stats': stats}],
    }
    file, page = tmp_path / 'b.json', tmp_path / 'performance.md'
    file.write_text(json.dumps(content))
    shutil.copy(ROOT / 'docs' / 'performance.md', page)
    tool(monkeypatch, 'timings')(file, '--into', page)
    shown = capsys.readouterr().out
    assert 'a step [x]' in shown and '500 ms' in shown
    assert '| test_step | 500 ms | 100 ms | 5 | 1.00 |' in page.read_text()
    assert page.read_text().startswith('# Performance')


def test_every_benchmark_is_on_the_page():
    page = (ROOT / 'docs' / 'performance.md').read_text()
    for file in (ROOT / 'tests' / 'benchmarks').glob('test_*.py'):
        assert f'`{file.name}`' in page
