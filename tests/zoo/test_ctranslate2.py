import numpy as np
import pytest
from ctranslate2_writer import model_file

from mmalm.errors import MissingDataError
from mmalm.zoo.ctranslate2 import read_model

TENSORS = {
    'a/weight': np.array([[1.5, -2.0, 0.25], [4.0, 5.0, 6.0]], '<f4'),
    'a/half': np.array([0.5, 65504.0], '<f2'),
    'a/byte': np.array([-128, 127], 'i1'),
    'a/short': np.array(-300, '<i2'),
    'a/int': np.array([[[70000]]], '<i4'),
}


def test_every_type_and_rank_is_read(tmp_path):
    (tmp_path / 'model.bin').write_bytes(model_file('WhisperSpec', TENSORS))
    specification, found = read_model(tmp_path / 'model.bin')
    assert specification == 'WhisperSpec'
    assert list(found) == list(TENSORS)
    for name, value in TENSORS.items():
        assert found[name].dtype == value.dtype
        assert found[name].shape == value.shape
        assert found[name].tolist() == value.tolist()


def test_another_version_is_refused(tmp_path):
    (tmp_path / 'model.bin').write_bytes(model_file('WhisperSpec', TENSORS, version=5))
    with pytest.raises(MissingDataError, match='version 5 of the format; 6 is read'):
        read_model(tmp_path / 'model.bin')


@pytest.mark.parametrize('kept', [2, 10, 24, 40, 60, 100])
def test_a_truncated_file_is_an_error(tmp_path, kept):
    (tmp_path / 'model.bin').write_bytes(model_file('WhisperSpec', TENSORS)[:kept])
    with pytest.raises(MissingDataError, match='model.bin is damaged or truncated'):
        read_model(tmp_path / 'model.bin')
