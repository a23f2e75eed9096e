from pathlib import Path

from mmalm.zoo import known_models
from mmalm.zoo.models_table import models_table

DOCUMENT = Path(__file__).parents[2] / 'docs' / 'models.md'


def test_the_document_shows_the_table():
    assert models_table() in DOCUMENT.read_text(encoding='utf-8'), (
        'docs/models.md is behind: python tools/zoo.py models'
    )


def test_every_model_stands_in_it_once():
    table = models_table()
    assert [table.count(f'`{name}`') for name in known_models()] == [1] * len(known_models())


def test_a_row():
    row = next(line for line in models_table().splitlines() if line.startswith('| `openai/clip-vit-large-patch14-336`'))
    assert row.endswith('|  | image encoder | `CLIPModel` | 24 | 1024 | 427,944,193 |')
