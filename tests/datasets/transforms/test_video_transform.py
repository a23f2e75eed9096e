import numpy as np
import pytest
import torch
from PIL import Image

from mmalm.datasets.media.clip_writing import write_clip
from mmalm.datasets.media.video import open_video
from mmalm.datasets.transforms import ImageTransform, VideoTransform
from mmalm.encoders import Preprocessing, VideoPreprocessing
from mmalm.errors import ConfigError

PICTURES = dict(size=16, mean=(0.5,) * 3, std=(0.25, 0.5, 0.5), interpolation='bilinear')
CLIPS = VideoPreprocessing(**PICTURES, frames=4)


@pytest.fixture(scope='module')
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp('clips') / 'clip.mp4'
    random = np.random.default_rng(0)
    ground = random.integers(0, 256, (32, 48, 3), dtype=np.uint8)
    write_clip(path, [np.roll(ground, i, 1) for i in range(8)], 8, options={'crf': '0'})
    return open_video(path)


@pytest.mark.parametrize('resize', ['squash', 'crop'])
def test_each_frame_is_prepared_as_a_picture_of_its_own(clip, resize):
    transform = VideoTransform(CLIPS, resize=resize)
    picture = ImageTransform(Preprocessing(**PICTURES), resize=resize)
    frames = clip.frames([1, 3, 5, 7])
    expected = torch.stack([picture(Image.fromarray(frame)) for frame in frames])
    assert transform.deterministic and torch.equal(transform(clip), expected)
    assert torch.equal(transform(clip), expected)


def test_random_frames_are_not_deterministic(clip):
    transform = VideoTransform(CLIPS, choice='random')
    assert not transform.deterministic
    assert len({transform(clip).sum().item() for _ in range(8)}) > 1


def test_augmentation_is_the_same_for_all_frames(clip):
    still = open_video(clip.path)
    frame = clip.frames([0])[0]
    object.__setattr__(
        still, '__class__', type('Still', (type(still),), {'frames': lambda s, i: np.stack([frame] * len(i))})
    )
    transform = VideoTransform(CLIPS, augment=dict(scale=(0.3, 0.6), flip=True, randaugment=(2, 7)))
    seen = [transform(still) for _ in range(5)]
    assert not transform.deterministic and all(s.shape == (4, 3, 16, 16) and type(s) is torch.Tensor for s in seen)
    assert all(torch.allclose(s, s[:1].expand_as(s), atol=1e-6) for s in seen)
    assert not torch.allclose(seen[0], seen[1])


def test_the_spec_tells_one_tensor_from_another():
    specs = [
        VideoTransform(CLIPS).spec(),
        VideoTransform(CLIPS, choice='random').spec(),
        VideoTransform(CLIPS, resize='crop').spec(),
        VideoTransform(CLIPS.changed(frames=8)).spec(),
        ImageTransform(CLIPS).spec(),
    ]
    assert all(a != b for i, a in enumerate(specs) for b in specs[i + 1 :])
    assert specs[0]['preprocessing'] == CLIPS.as_dict() and CLIPS.as_dict()['frames'] == 4


def test_an_encoder_of_pictures_is_not_enough():
    with pytest.raises(ConfigError, match='takes single pictures. Put it into a FrameEncoder'):
        VideoTransform(Preprocessing(**PICTURES))
    with pytest.raises(ConfigError, match="unknown choice 'centre'"):
        VideoTransform(CLIPS, choice='centre')
    with pytest.raises(ConfigError, match='frames is a number from 1 on, found 0'):
        CLIPS.changed(frames=0)
