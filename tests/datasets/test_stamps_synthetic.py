"""Made-up stamps: every split and every kind of question has some."""

import pytest

from mmalm.datasets import StampsDataset
from mmalm.datasets.stamps_questions import TASKS


@pytest.mark.parametrize('seed', [0, 5])
def test_every_split_has_all_questions(seed, tmp_path):
    arguments = StampsDataset.shrink({'split': 'train', 'tasks': TASKS, 'seed': seed, 'root': 'zoo:x'}, tmp_path)
    assert arguments == {'split': 'train', 'tasks': TASKS, 'seed': seed, 'root': str(tmp_path)}
    for split in ('train', 'val', 'test'):
        dataset = StampsDataset(**{**arguments, 'split': split})
        assert len(dataset.media) == 8
        asked = {task: sum(s['task'] == task for s in dataset.samples) for task in TASKS}
        assert asked == {'kind': 8, 'animal': 3, 'name': 8, 'yesno': 8, 'caption': 8}
        assert min(dataset.load_media(dataset.media[0]).size) >= 32


def test_the_same_files_every_time(tmp_path):
    for name in 'ab':
        StampsDataset.shrink({'split': 'train'}, tmp_path / name)
    a, b = ({p.relative_to(tmp_path / n): p.read_bytes() for p in sorted((tmp_path / n).rglob('*.*'))} for n in 'ab')
    assert a == b and len(a) == 2 * 3 * 8
