import pytest

from mmalm.errors import ConfigError
from mmalm.preparation.building import BUILDERS
from mmalm.preparation.catalog import data_sets, find_data_set
from mmalm.registry import DATASETS, signature_of


def test_the_data_sets_of_the_tasks():
    assert set(data_sets()) >= {
        'vqav2',
        'gqa',
        'coco_captions',
        'nocaps',
        'jsonl',
        'msrvtt_captions',
        'msrvtt_qa',
        'msvd_qa',
        'scienceqa',
        'snli_ve',
        'audiocaps',
        'clotho',
    }


@pytest.mark.parametrize(
    ('name', 'split', 'samples', 'media'),
    [
        # its paper counts 1,200, 250 and 520 videos; some of them have no question
        ('msvd_qa', 'train', 30_933, 1_161),
        ('msvd_qa', 'val', 6_415, 245),
        ('msvd_qa', 'test', 13_157, 504),
        ('msrvtt_qa', 'train', 158_581, 6_513),
        ('audiocaps', 'train', 49_838, None),
        ('audiocaps', 'test', 975, 975),
        ('clotho', 'train', 5 * 3_839, 3_839),
        ('coco_captions', 'train', 566_747, 113_287),
        ('nocaps', 'test', 10_600, 10_600),
        ('gqa', 'testdev', 12_578, None),
        ('vqav2', 'test-dev', 107_394, None),
    ],
)
def test_published_counts(name, split, samples, media):
    known = data_sets()[name].splits[split]
    assert (known.samples, known.media) == (samples, media)


def test_published_label_files():
    assert [data_sets()[name].builds[0].entries for name in ('vqav2', 'gqa')] == [3_129, 1_842]


@pytest.mark.parametrize('name', list(data_sets()))
def test_a_data_set_names_what_there_is(name):
    data = data_sets()[name]
    reader = DATASETS.component(data.reader)
    for split in data.splits.values():
        signature_of(reader).bind(root=data.root, **split.arguments)
    assert data.root in (signature_of(reader).parameters['root'].default, getattr(reader, 'home', None))
    for download in data.downloads:
        assert set(download.splits) <= set(data.splits) and (download.files or download.folders)
    for build in data.builds:
        # what comes packed is no download by itself: it stands in for one
        named = build.files if build.first else build.needs
        assert build.how in BUILDERS and set(named) <= {file for d in data.downloads for file in d.files}


def test_an_unknown_one():
    with pytest.raises(ConfigError, match="Unknown data set 'vqa2'. Did you mean 'vqav2'"):
        find_data_set('vqa2')
