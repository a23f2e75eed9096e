import json
from pathlib import Path

import numpy as np
from PIL import Image

from mmalm.engine.attention_file import attention_file, write_attention
from mmalm.pages.attention import Attention


def test_what_is_written(tmp_path):
    file = attention_file(tmp_path / 'best_test.json')
    assert file.name == 'best_test_attention.json'
    picture = Image.new('RGB', (4, 4))
    found = {
        2: Attention(picture, np.array([[0.5, 0.1234567]], dtype=np.float32), 0.25, (0.0, 0.25, 1.0, 0.75)),
        0: Attention(picture, np.array([[0.0, 1.0]]), 0.0),
    }
    write_attention(file, found, [{'id': 'a'}, {'id': 'b'}, {'id': 'ü'}])
    assert json.loads(file.read_text(encoding='utf-8')) == {
        'samples': [
            {'place': 2, 'id': 'ü', 'elsewhere': 0.25, 'region': [0, 0.25, 1, 0.75], 'patches': [[0.5, 0.123457]]},
            {'place': 0, 'id': 'a', 'elsewhere': 0, 'region': [0, 0, 1, 1], 'patches': [[0, 1]]},
        ]
    }


def test_of_no_samples(tmp_path: Path):
    write_attention(tmp_path / 'none.json', {}, [])
    assert json.loads((tmp_path / 'none.json').read_text()) == {'samples': []}
