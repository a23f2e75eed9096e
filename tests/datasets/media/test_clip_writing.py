import numpy as np
import pytest

from mmalm.datasets.media.clip_writing import write_clip
from mmalm.datasets.media.video import open_video
from mmalm.errors import ConfigError


def clip(count=5, size=(32, 48)):
    return [np.full((*size, 3), 40 * i, np.uint8) for i in range(count)]


@pytest.mark.parametrize('ending', ['.mp4', '.webm'])
def test_the_same_frames_give_the_same_file_which_shows_them(tmp_path, ending):
    first, second = tmp_path / f'a{ending}', tmp_path / f'b{ending}'
    for path in (first, second):
        write_clip(path, clip(), 8)
    assert first.read_bytes() == second.read_bytes()
    seen = open_video(second)
    assert (seen.count, seen.fps, seen.size) == (5, 8.0, (32, 48))
    frames = seen.frames(range(5)).astype(int)
    assert np.abs(frames - np.stack(clip()).astype(int)).max() <= 4


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r'clip.gif: clips are written as .mp4 or .webm'):
        write_clip(tmp_path / 'clip.gif', clip(), 8)
    with pytest.raises(ConfigError, match='in even numbers, are wanted; found 47 x 32'):
        write_clip(tmp_path / 'clip.mp4', clip(size=(32, 47)), 8)
    with pytest.raises(ConfigError, match='found none'):
        write_clip(tmp_path / 'clip.mp4', [], 8)
    assert not list(tmp_path.iterdir())
