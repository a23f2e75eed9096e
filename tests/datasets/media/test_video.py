import av
import numpy as np
import pytest

from mmalm.datasets.media.clip_writing import write_clip
from mmalm.datasets.media.video import UNREADABLE, open_video, why_unreadable

COUNT = 24
OPEN_GOP = {'x264-params': 'open-gop=1:keyint=6:min-keyint=6:bframes=3:scenecut=0'}


def pictures(count=COUNT, size=(32, 48)):
    """A bar that moves from left to right over a ground that grows brighter."""
    found = [np.full((*size, 3), 5 * i, np.uint8) for i in range(count)]
    for i, picture in enumerate(found):
        picture[:, : (i + 1) * size[1] // count, 0] = 250
    return found


def decoded(path):
    with av.open(str(path)) as file:
        return np.stack([frame.to_ndarray(format='rgb24') for frame in file.decode(video=0)])


def uneven():
    return np.cumsum(np.random.default_rng(1).integers(20, 300, COUNT)).tolist()


CASES = {
    'b_frames.mp4': dict(options={'g': '8', 'bf': '3'}),
    'open_gop.mp4': dict(options=OPEN_GOP),
    'uneven.mp4': dict(options=OPEN_GOP, times=uneven()),
    'uneven.mkv': dict(codec='libx264', options=OPEN_GOP, times=uneven()),
    'vp9.webm': dict(options={'g': '8'}),
    'no_times.avi': dict(codec='mpeg4', options={'bf': '2', 'g': '8'}),
    'no_index.ts': dict(codec='libx264', options=OPEN_GOP),
}


@pytest.mark.parametrize('name', CASES)
def test_any_frames_in_any_order_are_those_of_decoding_it_all(tmp_path, name):
    path = tmp_path / name
    write_clip(path, pictures(), 10, **CASES[name])
    clip, whole = open_video(path), decoded(path)
    assert (clip.count, clip.size, len(whole)) == (COUNT, (32, 48), COUNT)
    random = np.random.default_rng(0)
    for indices in [[0], [COUNT - 1], [5, 5, 2], *(random.integers(0, COUNT, 3).tolist() for _ in range(20))]:
        assert np.array_equal(clip.frames(indices), whole[indices])


def test_a_file_with_an_index_is_entered_at_a_keyframe(tmp_path):
    path = tmp_path / 'clip.mp4'
    write_clip(path, pictures(), 10, options={'g': '8', 'bf': '0', 'x264-params': 'scenecut=0'})
    clip = open_video(path)
    assert len(clip.starts) == 3 and clip.fps == 10.0
    # what stands before the last keyframe is not needed for what comes after it
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as file:
        packets = [(p.pos, p.size) for p in file.demux(video=0) if p.size]
    for position, size in packets[1:16]:
        data[position : position + size] = bytes(size)
    whole = decoded(path)
    path.write_bytes(data)
    assert np.array_equal(clip.frames([16, 23]), whole[[16, 23]])
    with pytest.raises(UNREADABLE):
        clip.frames([4])


def test_frames_are_turned_as_the_camera_was_held(tmp_path):
    path = tmp_path / 'clip.mp4'
    write_clip(path, pictures(4), 10)
    lying = open_video(path).frames([2])
    # the matrix of the track header: a quarter turn to the right
    unit, turned = (1).to_bytes(2) + bytes(2), (2**32 - 2**16).to_bytes(4)
    upright = unit + bytes(12) + unit + bytes(12) + (2**30).to_bytes(4)
    data = path.read_bytes()
    place = data.index(upright, data.index(b'tkhd'))
    matrix = bytes(4) + unit + bytes(4) + turned + bytes(16) + (2**30).to_bytes(4)
    path.write_bytes(data[:place] + matrix + data[place + 36 :])
    clip = open_video(path)
    assert clip.size == (48, 32)
    assert np.array_equal(clip.frames([2])[0], np.rot90(lying[0], -1))


def test_a_frame_outside_is_refused(tmp_path):
    write_clip(tmp_path / 'clip.mp4', pictures(4), 10)
    with pytest.raises(IndexError, match='frame 4 of 4'):
        open_video(tmp_path / 'clip.mp4').frames([0, 4])


def fault_of(path):
    with pytest.raises(UNREADABLE) as caught:
        clip = open_video(path)
        clip.frames([0, clip.count - 1])
    return why_unreadable(path, caught.value)


def test_what_cannot_be_read_is_told_with_the_file(tmp_path):
    path = tmp_path / 'clip.mp4'
    assert fault_of(path) == f'{path} is not there'
    assert fault_of(tmp_path) == f'{tmp_path} is a folder'
    for content in (b'', b'no video at all\n' * 50):
        path.write_bytes(content)
        assert f'{path} ({len(content)} bytes) cannot be read as a video: Invalid data' in fault_of(path)


def test_sound_alone_has_no_video_stream(tmp_path):
    path = tmp_path / 'sound.mp4'
    with av.open(str(path), 'w') as file:
        stream = file.add_stream('aac', rate=16_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format='fltp', layout='mono')
        frame.rate = 16_000
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    assert 'no video stream, only audio' in fault_of(path)


@pytest.mark.parametrize('kept', [0.4, 0.8, 0.97])
def test_a_file_cut_off_is_told_though_its_index_is_whole(tmp_path, kept):
    path = tmp_path / 'clip.mp4'
    write_clip(path, pictures(), 10)
    with av.open(str(path)) as source, av.open(str(tmp_path / 'o.mp4'), 'w', options={'movflags': 'faststart'}) as copy:
        stream = copy.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                copy.mux(packet)
    data = (tmp_path / 'o.mp4').read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    fault = fault_of(path)
    assert 'cut off' in fault or 'Invalid data' in fault
    path.write_bytes(data[: data.index(b'mdat') + 4])
    assert 'no frames' in fault_of(path)


def test_a_file_without_a_count_of_frames_is_held_against_its_length(tmp_path):
    path = tmp_path / 'clip.mkv'
    write_clip(path, pictures(), 10, codec='libx264', options={'bf': '0'})
    with av.open(str(path)) as file:
        places = [packet.pos for packet in file.demux(video=0) if packet.size]
    path.write_bytes(path.read_bytes()[: places[12]])
    assert 'it is cut off: 1.10 of 2.40 s are there' in fault_of(path)
    # one that is shown long after the others, and as long again, is no frame that is missing
    write_clip(path, pictures(3), 10, codec='libx264', times=[0, 100, 5_000])
    assert open_video(path).count == 3
