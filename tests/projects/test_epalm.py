"""The table of eP-ALM's experiments: every config stands in it, with the number of parameters that train."""

import re
from pathlib import Path

import pytest

from mmalm.config import load_config

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / 'projects' / 'epalm'
README = PROJECT / 'README.md'
LINK = re.compile(r'\[\w[\w.]*\]\(([\w./]+\.py)\)')
CONFIGS = sorted((PROJECT / 'configs').glob('*.py'))


def rows() -> list[tuple[Path, str]]:
    """The config that a line of a table links to, and the line."""
    lines = README.read_text(encoding='utf-8').splitlines()
    return [((PROJECT / link[1]).resolve(), line) for line in lines if (link := LINK.search(line))]


def test_every_config_is_told_of():
    text = README.read_text(encoding='utf-8')
    assert len(CONFIGS) > 25
    assert [file.name for file in CONFIGS if file.name not in text] == []


@pytest.mark.parametrize(('file', 'line'), rows(), ids=lambda value: value.stem if isinstance(value, Path) else '')
def test_the_table_says_what_the_config_expects_to_train(file, line):
    # which the dry run of every config holds against the model
    expected = load_config(file).model.expect_trainable
    assert f'| {expected:,} |' in line
