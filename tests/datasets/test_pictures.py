import numpy as np
import pytest
from PIL import Image
from stamps_fixture import SVG

from mmalm.datasets.pictures import find_pictures, on_white, read_rgba
from mmalm.errors import MissingDataError


@pytest.fixture
def folder(tmp_path):
    for name in ('b.png', 'a.jpg', 'sub/c.webp'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new('RGB', (4, 2), (9, 8, 7)).save(tmp_path / name)
    (tmp_path / 'notes.txt').write_text('no picture')
    return tmp_path


def test_files_folders_and_globs_each_once_in_order(folder):
    found = find_pictures([str(folder / 'b.png'), str(folder), str(folder / '**' / '*.webp'), str(folder / '[ab].*')])
    assert [str(path.relative_to(folder)) for path in found] == ['b.png', 'a.jpg', 'sub/c.webp']


def test_a_file_named_by_itself_needs_no_ending(folder):
    assert find_pictures([str(folder / 'notes.txt')]) == [folder / 'notes.txt']


def test_a_relative_glob_and_a_name_with_brackets(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / 'b.png').rename('b[1].png')
    assert [str(path) for path in find_pictures(['*.jpg', 'b[1].png'])] == ['a.jpg', 'b[1].png']


def test_every_input_that_stands_for_nothing_is_named(folder):
    (folder / 'empty').mkdir()
    with pytest.raises(MissingDataError) as caught:
        find_pictures([str(folder / name) for name in ('a.jpeg', 'b.png', 'empty', '*.gif')])
    lines = str(caught.value).splitlines()
    assert lines[0] == 'No pictures found for:' and len(lines) == 4
    assert lines[1].endswith("a.jpeg: not there. Did you mean 'a.jpg'?")
    assert lines[2].endswith('empty: a folder without pictures')
    assert lines[3].endswith('*.gif: no file has a name like this')


def test_transparency_is_white_in_every_kind_of_file(tmp_path):
    clear = Image.fromarray(np.array([[[255, 0, 0, 0], [0, 0, 255, 128]]], dtype=np.uint8))
    assert np.asarray(on_white(clear)).tolist() == [[[255, 255, 255], [127, 127, 255]]]
    palette = Image.new('P', (1, 1), 0)
    palette.putpalette([200, 0, 0])
    palette.save(tmp_path / 'p.png', transparency=0)
    with Image.open(tmp_path / 'p.png') as opened:
        assert on_white(opened).getpixel((0, 0)) == (255, 255, 255)
    assert on_white(Image.new('L', (1, 1), 7)).getpixel((0, 0)) == (7, 7, 7)


def test_svg_is_drawn(tmp_path):
    (tmp_path / 'x.SVG').write_text(SVG)
    picture = read_rgba(tmp_path / 'x.SVG')
    assert picture.size == (448, 224)
    assert picture.getpixel((5, 5)) == (255, 0, 0, 255) and picture.getpixel((440, 5))[3] == 0


def test_upright_only_where_asked(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side
    Image.new('RGB', (4, 2)).save(tmp_path / 'x.jpg', exif=exif)
    assert read_rgba(tmp_path / 'x.jpg').size == (4, 2)
    assert read_rgba(tmp_path / 'x.jpg', upright=True).size == (2, 4)
