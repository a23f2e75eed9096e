"""A model of pictures and sounds answers about both, told apart by their files' endings."""

from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config

from mmalm.config import load_config
from mmalm.datasets.media.audio import Waveform
from mmalm.datasets.media.synthetic import write_media
from mmalm.engine.dry_run.shrink import adapted, as_plain, shrunk
from mmalm.engine.train import build_model
from mmalm.errors import ConfigError, MissingDataError
from mmalm.inference import Predictor

CONFIGS = Path(__file__).resolve().parents[1] / 'configs' / 'quickstart'


def predictor_of(name, folder):
    config = Config(shrunk(adapted(as_plain(load_config(CONFIGS / name))), folder))
    return Predictor(build_model(config, 0), config, batch_size=2)


@pytest.fixture(scope='module')
def both(tmp_path_factory):
    return predictor_of('image_audio_smollm2.py', tmp_path_factory.mktemp('both'))


@pytest.fixture(scope='module')
def media(tmp_path_factory):
    folder = tmp_path_factory.mktemp('media')
    for name, modality in (('a.jpg', 'image'), ('b.mp4', 'video'), ('c.wav', 'audio')):
        write_media(folder / name, modality, 0)
    (folder / 'bad.wav').write_text('text')
    return folder


def test_pictures_and_sounds_in_one_call(both, media):
    assert both.modalities == ['image', 'audio']
    paths = [media / 'c.wav', media / 'a.jpg', media / 'c.wav']
    found = both.predict(paths, 'What is this?', ['yes', 'no'])
    assert [one['modality'] for one in found] == ['audio', 'image', 'audio']
    for path, one in zip(paths, found, strict=True):
        alone = both.predict(path, 'What is this?', ['yes', 'no'])[0]
        assert one['scores'] == pytest.approx(alone['scores'], abs=1e-5)
    assert isinstance(both.answer(media / 'c.wav', 'What is this?', max_new_tokens=2), str)


def test_a_sound_in_memory_is_that_of_the_file(both, media):
    from mmalm.datasets.media.audio import read_audio

    file = both.predict(media / 'c.wav', 'What?', ['yes', 'no'])[0]['scores']
    assert both.predict(read_audio(media / 'c.wav'), 'What?', ['yes', 'no'])[0]['scores'] == file


def test_captions_are_asked_as_the_data_sets_ask(both, media):
    assert both.caption_questions([media / 'a.jpg', media / 'c.wav']) == ['Describe the picture.', 'What is said?']
    assert len(both.caption([media / 'a.jpg', media / 'c.wav'], max_new_tokens=1)) == 2


def test_files_of_the_wrong_kind(both, media):
    assert both.predict(Waveform(np.zeros(800, np.float32), 16_000), 'What?', ['a', 'b'])
    with pytest.raises(ConfigError, match='x.avi is a video, and this model perceives pictures and sounds'):
        both.answer('x.avi', 'What?')
    with pytest.raises(MissingDataError, match='bad.wav .* cannot be read as a sound'):
        both.answer(media / 'bad.wav', 'What?')
    with pytest.raises(ConfigError, match="modality='video': this model perceives pictures and sounds"):
        both.answer(media / 'b.mp4', 'What?', modality='video')


def test_a_model_of_videos(tmp_path, media):
    model = predictor_of('video_smollm2_stamps.py', tmp_path)
    assert model.modalities == ['video']
    assert isinstance(model.answer(media / 'b.mp4', 'What?', max_new_tokens=2), str)
    with pytest.raises(ConfigError, match='c.wav is a sound, and this model perceives videos'):
        model.answer(media / 'c.wav', 'What?')
