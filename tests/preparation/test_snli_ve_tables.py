"""OFA's tables of SNLI-VE unpacked into the layout that is read."""

import base64
import io

import pytest
from PIL import Image

from mmalm.datasets import SNLIVEDataset
from mmalm.errors import ConfigError, MissingDataError
from mmalm.preparation.snli_ve_tables import unpack


def picture(grey):
    buffer = io.BytesIO()
    Image.new('RGB', (4, 4), (grey,) * 3).save(buffer, 'JPEG')
    return base64.b64encode(buffer.getvalue()).decode()


def line(pair='25.jpg#1r1n', number='25', grey=0, hypothesis='a man is chewing', label='neutral'):
    return '\t'.join([pair, number, picture(grey), hypothesis, 'a man in pink', label])


def table(root, *lines):
    file = root / 'snli_ve_dev.tsv'
    file.write_text(''.join(f'{one}\n' for one in lines))
    return file


def test_lines_and_pictures(tmp_path):
    other = line('7.jpg#0r1e', '7', 255, 'a "cat"', 'entailment')
    assert unpack(table(tmp_path, line(), line('25.jpg#1r1c', label='contradiction'), other), tmp_path) == 3
    # by no other way than the official files
    found = SNLIVEDataset('dev', root=tmp_path)
    rows = [found.row(number) for number in range(3)]
    assert [row.answers[0] for row in rows] == ['neutral', 'contradiction', 'entailment']
    assert [row.media for row in rows] == ['25.jpg', '25.jpg', '7.jpg'] and rows[2].question == 'a "cat"'
    assert [found.load_media(key).getpixel((0, 0)) for key in found.media] == [(0, 0, 0), (255, 255, 255)]
    assert sorted(file.name for file in tmp_path.rglob('*.*')) == [
        '25.jpg',
        '7.jpg',
        'snli_ve_dev.jsonl',
        'snli_ve_dev.tsv',
    ]


@pytest.mark.parametrize(
    ('bad', 'message'),
    [
        ('a\tb', 'line 2: 2 texts'),
        (line(label='maybe'), "line 2: the label 'maybe' is none of contradiction, neutral, entailment"),
        (line(number='26'), "pair '25.jpg#1r1n' is not of the picture '26'"),
        (line('8.jpg#1', '8').replace('/9j', '@@@'), 'line 2: the third text is no picture in base64'),
        (line('8.jpg#1', '8').replace('/9j', 'AAAA'), 'line 2: the third text is no picture in base64'),
    ],
)
def test_mistakes(tmp_path, bad, message):
    with pytest.raises(ConfigError, match=message):
        unpack(table(tmp_path, line(), bad), tmp_path)
    assert not (tmp_path / 'snli_ve_dev.jsonl').exists()


def test_other_encodings_and_nothing(tmp_path):
    (tmp_path / 'x.tsv').write_bytes(line().encode().replace(b'chewing', b'ch\xe9wing'))
    with pytest.raises(ConfigError, match='line 1: byte 0xe9 is not UTF-8'):
        unpack(tmp_path / 'x.tsv', tmp_path)
    with pytest.raises(MissingDataError, match='is empty'):
        unpack(table(tmp_path), tmp_path)
    with pytest.raises(MissingDataError, match='No such file'):
        unpack(tmp_path / 'nowhere.tsv', tmp_path)
