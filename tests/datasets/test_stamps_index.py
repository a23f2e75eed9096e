import json

import pytest
from stamps_fixture import FOLDERS, SVG, write_stamp, write_stamps

from mmalm.datasets.stamps_index import read_stamps
from mmalm.errors import MissingDataError


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


def as_fetched(root):
    """With the zoo's record of what belongs to it."""
    files = {path.relative_to(root).as_posix(): 'sha256' for path in sorted(root.rglob('*')) if path.is_file()}
    (root / 'zoo_manifest.json').write_text(json.dumps({'name': 'tuxpaint-stamps', 'files': files}))
    return root


class TestFetched:
    @pytest.fixture
    def fetched(self, root):
        return as_fetched(root)

    def test_it_is_read_as_any_other(self, fetched):
        assert len(found(fetched)) == sum(FOLDERS.values())

    @pytest.mark.parametrize('ending', ['png', 'txt'])
    def test_a_stamp_that_is_gone_is_not_passed_over(self, fetched, ending):
        (fetched / f'vehicles/auto/thing0.{ending}').unlink()
        with pytest.raises(MissingDataError) as error:
            found(fetched)
        assert f'are not complete, missing: vehicles/auto/thing0.{ending}.' in str(error.value)
        assert 'python tools/zoo.py fetch tuxpaint-stamps' in str(error.value)

    def test_how_many_are_gone(self, fetched):
        for i in range(3):
            (fetched / f'town/flags/thing{i}.png').unlink()
        with pytest.raises(MissingDataError, match='missing: town/flags/thing0.png and 2 more'):
            found(fetched)

    def test_sounds_are_not_needed(self, fetched):
        (fetched / 'animals/birds/thing0_desc_fr.ogg').unlink()
        assert len(found(fetched)) == sum(FOLDERS.values())

    def test_a_caption_that_never_had_a_picture_is_not_used(self, root):
        (root / 'vehicles/auto/gift.txt').write_text('A gift.\n')
        assert 'A gift.' not in {stamp.caption for stamp in found(as_fetched(root)).values()}


def test_a_caption_that_is_not_utf8(root):
    (root / 'vehicles/auto/thing0.txt').write_bytes(b'A caf\xe9 racer.\n')
    assert found(root)['vehicles/auto/thing0.png'].caption == 'A caf\ufffd racer.'


def test_a_byte_order_mark_is_no_part_of_the_caption(root):
    (root / 'vehicles/auto/thing0.txt').write_bytes(b'\xef\xbb\xbfA car.\r\nfr.utf8=Une auto.\r\n')
    assert found(root)['vehicles/auto/thing0.png'].caption == 'A car.'


def test_what_is_invisible_on_white_is_left_out(root):
    write_stamp(root, 'naturalforces/lightningbolt', 'A lightning bolt.', (255, 255, 255, 255))
    assert 'naturalforces/lightningbolt.png' not in found(root)
