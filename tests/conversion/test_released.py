"""Files of torch.save are read without running what is in them."""

import collections
import pickle

import numpy as np
import pytest
import torch

from mmalm.conversion.released import read_released, tensors
from mmalm.errors import CheckpointError, MissingDataError


class Evil:
    def __reduce__(self):
        return eval, ("open('was_here', 'w')",)


def test_plain_content_and_numpy_scores(tmp_path):
    content = {
        'model': collections.OrderedDict(a=torch.ones(2)),
        'best_valid': np.float64(61.5),
        'epoch': np.int64(3),
        'config': {'lr': 2e-5, 'names': ['a', None, True]},
    }
    torch.save(content, tmp_path / 'a.pth')
    found = read_released(tmp_path / 'a.pth')
    assert (found['best_valid'], found['epoch'], found['config']) == (61.5, 3, content['config'])
    torch.save(content, tmp_path / 'old.pth', _use_new_zipfile_serialization=False)
    assert torch.equal(read_released(tmp_path / 'old.pth')['model']['a'], torch.ones(2))


@pytest.mark.parametrize('zipped', [True, False])
def test_what_could_run_code_is_refused_by_name(tmp_path, monkeypatch, zipped):
    monkeypatch.chdir(tmp_path)
    torch.save({'model': {'a': torch.ones(2)}, 'config': Evil()}, 'a.pth', _use_new_zipfile_serialization=zipped)
    with pytest.raises(CheckpointError, match='a.pth is not opened: .*could run') as caught:
        read_released('a.pth')
    assert 'eval' in str(caught.value) and 'weights_only' not in str(caught.value)
    assert not (tmp_path / 'was_here').exists()


def test_damaged_and_other_files(tmp_path):
    torch.save({'model': {'a': torch.ones(2000)}}, tmp_path / 'a.pth')
    whole = (tmp_path / 'a.pth').read_bytes()
    for number, content in enumerate((whole[:-900], whole[:40], b'', b'text', pickle.dumps({'a': 1}), b'<html>')):
        file = tmp_path / f'{number}.pth'
        file.write_bytes(content)
        with pytest.raises(CheckpointError, match=rf'{number}\.pth (is damaged|is not opened|holds)'):
            tensors(read_released(file), file)
    with pytest.raises(CheckpointError, match=r'it is no file of torch.save, .*: Unsupported operand 60\.$'):
        read_released(tmp_path / '5.pth')
    torch.save([1], tmp_path / 'list.pth')
    with pytest.raises(CheckpointError, match='holds a list; a dict is expected'):
        read_released(tmp_path / 'list.pth')
    for wrong in (tmp_path / 'none.pth', tmp_path):
        with pytest.raises(MissingDataError, match='No file|is a folder'):
            read_released(wrong)


def test_weights_and_their_names(tmp_path):
    one = torch.ones(1)
    assert tensors({'model': {'module.a.b': one, 'module.module.c': one}}, 'f') == {'a.b': one, 'c': one}
    assert tensors({'a.b': one}, 'f') == {'a.b': one}
    with pytest.raises(CheckpointError, match="f holds no tensors under 'model'. Its keys: state_dict, epoch."):
        tensors({'state_dict': {'a': one}, 'epoch': 1}, 'f')
