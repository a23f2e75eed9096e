import pytest
from PIL import Image

from mmalm.datasets.media.kinds import KINDS
from mmalm.datasets.media.synthetic import ENDINGS, write_media


@pytest.mark.parametrize('modality', list(KINDS))
def test_files_are_read_by_their_kind_and_follow_from_the_seed(tmp_path, modality):
    kind = KINDS[modality]
    files = [tmp_path / 'new' / f'{name}{ENDINGS[modality]}' for name in 'abc']
    for file, seed in zip(files, (0, 0, 1), strict=True):
        write_media(file, modality, seed)
        assert kind.decodes(kind.open(file)) is not None
    assert files[0].read_bytes() == files[1].read_bytes() != files[2].read_bytes()


def test_one_that_is_there_stays(tmp_path):
    Image.new('RGB', (2, 2)).save(tmp_path / 'a.png')
    write_media(tmp_path / 'a.png', 'image', 0)
    assert Image.open(tmp_path / 'a.png').size == (2, 2)
