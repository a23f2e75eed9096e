import numpy as np
import pytest
from PIL import Image

from mmalm.datasets.media.video import open_video
from mmalm.datasets.moving_stamps_clips import ClipStyle, directions, make_clip, render
from mmalm.errors import MissingDataError

STYLE = ClipStyle(size=64, frames=6)
STAMP = Image.new('RGBA', (30, 20), (0, 0, 0, 255))


def places(frames):
    """Where the black stamp's centre of gravity is in every frame, in pixels."""
    return np.array([[dark.mean() for dark in np.nonzero(frame.sum(2) < 200)[::-1]] for frame in frames])


@pytest.mark.parametrize(('way', 'step'), [('left', (-1, 0)), ('right', (1, 0)), ('up', (0, -1)), ('down', (0, 1))])
def test_a_stamp_goes_its_way_evenly(way, step):
    large = ClipStyle(size=200, frames=5)
    small = Image.new('RGBA', (30, 6), (0, 0, 0, 255)) if step[1] else Image.new('RGBA', (6, 30), (0, 0, 0, 255))
    moved = places(render(small, way, 'a', 2, large))
    # 0.3 of the picture in all
    assert np.allclose(np.diff(moved, axis=0), 0.3 * 200 / 4 * np.array(step), atol=1.01)


def test_the_middle_of_the_way_does_not_tell_the_direction():
    middles = [places(render(STAMP, way, 'b', 0, ClipStyle(64, 3)))[1] for way in ('left', 'right', 'up', 'down')]
    assert np.ptp(middles, axis=0).max() <= 1


def test_clips_differ_by_name_and_seed_and_nothing_else():
    first = np.stack(render(STAMP, 'up', 'a', 0, STYLE))
    assert np.array_equal(first, render(STAMP, 'up', 'a', 0, STYLE))
    assert first.shape == (6, 64, 64, 3) and first.dtype == np.uint8
    assert not np.array_equal(first, render(STAMP, 'up', 'b', 0, STYLE))
    assert not np.array_equal(first, render(STAMP, 'up', 'a', 1, STYLE))


def test_backgrounds():
    plain, textured = (render(STAMP, 'up', 'a', 0, ClipStyle(64, 2, b))[0] for b in ('plain', 'textured'))
    assert len(np.unique(plain[plain.sum(2) > 300], axis=0)) == 1
    assert len(np.unique(textured.reshape(-1, 3), axis=0)) > 100


def test_a_clip_is_written_as_it_was_drawn(tmp_path):
    picture, clip = tmp_path / 'a.png', tmp_path / 'deep' / 'a.mp4'
    STAMP.save(picture)
    make_clip(clip, picture, 'left', 'a', 0, STYLE)
    seen, drawn = open_video(clip), render(STAMP, 'left', 'a', 0, STYLE)
    assert (seen.count, seen.fps, seen.size) == (6, 8.0, (64, 64))
    assert np.allclose(places(seen.frames(range(6))), places(drawn), atol=0.5)
    assert [path.name for path in clip.parent.iterdir()] == ['a.mp4']
    with pytest.raises(
        MissingDataError, match=r'none.png is not there.\nBring it back with: python tools/zoo.py fetch'
    ):
        make_clip(clip, tmp_path / 'none.png', 'left', 'a', 0, STYLE)


def test_as_many_each_way():
    ways = directions([str(i) for i in range(42)], 0)
    assert sorted(list(ways.values()).count(way) for way in set(ways.values())) == [10, 10, 11, 11]
    assert ways == directions([str(i) for i in reversed(range(42))], 0) != directions([str(i) for i in range(42)], 1)


def test_looks_have_a_folder_each(tmp_path):
    keys = {
        style.key(seed, tmp_path)
        for style in (
            STYLE,
            ClipStyle(32),
            ClipStyle(64, 8),
            ClipStyle(64, 6, 'textured'),
            ClipStyle(64, 6, ending='.webm'),
        )
        for seed in (0, 1)
    }
    assert len(keys) == 10 and STYLE.key(0, tmp_path / 'other') not in keys
