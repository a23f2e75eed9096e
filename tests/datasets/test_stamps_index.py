import pytest
from stamps_fixture import FOLDERS, SVG, write_stamp, write_stamps

from mmalm.datasets.stamps_index import read_stamps


@pytest.fixture
def root(tmp_path):
    return write_stamps(tmp_path / 'stamps')


def found(root):
    return {stamp.media: stamp for stamp in read_stamps(root, 0)}


def test_what_a_stamp_says(root):
    stamp = found(root)['animals/mammals/cats/thing0.png']
    assert (stamp.caption, stamp.category, stamp.animal) == ('A thing a of animals/mammals/cats.', 'animal', 'mammal')


def test_folders_without_a_category_have_captions_all_the_same(root):
    write_stamp(root, 'gadgets/lamp', 'A lamp.', (0, 0, 0, 255))
    assert found(root)['gadgets/lamp.png'].category is None
    assert found(root)['town/flags/thing0.png'].category is None


def test_a_name_that_begins_like_a_folder_is_another(root):
    write_stamp(root, 'foodstuff/x', 'A thing.', (0, 0, 0, 255))
    assert found(root)['foodstuff/x.png'].category is None


def test_the_png_where_there_are_both(root):
    (root / 'food/fruit/cartoon/thing0.svg').write_text(SVG)
    assert 'food/fruit/cartoon/thing0.png' in found(root)
    assert 'food/fruit/cartoon/thing0.svg' not in found(root)


@pytest.mark.parametrize('text', ['', '\n', '   \nfr.utf8=Une légende.\n'])
def test_without_a_caption_it_is_not_used(root, text):
    (root / 'vehicles/auto/thing0.txt').write_text(text, encoding='utf-8')
    assert len(found(root)) == sum(FOLDERS.values()) - 1


def test_without_a_picture_it_is_not_used(root):
    (root / 'vehicles/auto/thing0.png').unlink()
    assert 'vehicles/auto/thing0.png' not in found(root)


def test_a_caption_that_is_not_utf8(root):
    (root / 'vehicles/auto/thing0.txt').write_bytes(b'A caf\xe9 racer.\n')
    assert found(root)['vehicles/auto/thing0.png'].caption == 'A caf\ufffd racer.'


def test_a_byte_order_mark_is_no_part_of_the_caption(root):
    (root / 'vehicles/auto/thing0.txt').write_bytes(b'\xef\xbb\xbfA car.\r\nfr.utf8=Une auto.\r\n')
    assert found(root)['vehicles/auto/thing0.png'].caption == 'A car.'


def test_what_is_invisible_on_white_is_left_out(root):
    write_stamp(root, 'naturalforces/lightningbolt', 'A lightning bolt.', (255, 255, 255, 255))
    assert 'naturalforces/lightningbolt.png' not in found(root)
