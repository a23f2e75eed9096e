import pytest
import torch
from tiny_pictures import TinyPictures, draw_pictures

from mmalm.datasets.blind import blind, texts
from mmalm.errors import ConfigError


def test_texts_without_reading_a_picture(tmp_path):
    data = TinyPictures(draw_pictures(tmp_path / 'p', 2), transform=lambda picture: torch.zeros(3, 2, 2))
    found = list(texts(data))
    assert [(s['id'], s['media'], s['question']) for s in found] == [
        ('0', '00.png', 'q0'),
        ('1', '00.png', 'q1'),
        ('2', '01.png', 'q0'),
        ('3', '01.png', 'q1'),
    ]
    assert not any('pixels' in sample for sample in found) and data.decoded == []
    assert blind(data)[0]['pixels'] is None and data[0]['pixels'].shape == (3, 2, 2)


def test_a_data_set_that_reads_otherwise_is_refused():
    class Other(list):
        pass

    with pytest.raises(ConfigError, match='Other reads its media otherwise than by its load_media and transform'):
        list(texts(Other([{'pixels': torch.zeros(3, 2, 2)}])))
