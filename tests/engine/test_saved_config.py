"""What a checkpoint's config tells before its model is built."""

import pytest
from engine_standins import StandInModel
from mmengine.config import Config

from mmalm.engine.checkpoint import save_checkpoint
from mmalm.engine.saved_config import perceived, saved_config
from mmalm.errors import CheckpointError, ConfigError


@pytest.mark.parametrize(
    ('model', 'expected'),
    [
        ({'encoder': {'type': 'TimmEncoder'}}, ['image']),
        ({'encoder': {'type': 'WhisperEncoder'}}, ['audio']),
        ({'encoder': {'type': 'FrameEncoder'}}, ['video']),
        ({'adaptations': {'audio': {}, 'image': {}}}, ['audio', 'image']),
        ({'encoder': {'type': 'Unheard'}}, []),
        ({'type': 'StandInModel'}, []),
    ],
)
def test_modalities(model, expected):
    assert perceived({'model': model}) == expected


def test_options_replace_values_of_the_saved_config(tmp_path):
    folder = save_checkpoint(tmp_path / 'c', StandInModel(), config={'model': {'type': 'StandInModel', 'width': 6}})
    assert saved_config(folder, {'model.width': 7}).model.width == 7
    assert saved_config(folder).model.width == 6
    assert saved_config(folder, config=Config({'seed': 2})).to_dict() == {'seed': 2}


def test_without_a_config(tmp_path):
    with pytest.raises(CheckpointError, match='was saved without its config'):
        saved_config(save_checkpoint(tmp_path / 'c', StandInModel()))
    with pytest.raises(ConfigError, match="config='c.py' is no config"):
        saved_config(tmp_path / 'c', config='c.py')
