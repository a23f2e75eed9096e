"""Captions of MSR-VTT's videos."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from ..errors import ConfigError, check_choice
from ..registry import DATASETS
from .caption_rows import CaptionRows
from .handing_on import SHARED, hands_on
from .json_files import read_json
from .row_table import Row
from .video_qa import LAYOUTS, MSRVTT_VIDEOS, SPLITS
from .video_shrink import write_video_captions

WHAT = 'MSR-VTT captions'
OFFICIAL = (
    'Wanted: an object with "videos" (video_id, split) and "sentences" (video_id, caption), as train_val_videodatainfo.json and '
    'test_videodatainfo.json have them: see docs/video.md.'
)
EPALM = 'Wanted: a list of objects with video and caption, a text or a list of them: see docs/video.md.'
# as the official files name them
NAMES = {'train': 'train', 'val': 'validate', 'test': 'test'}
Text = Annotated[str, msgspec.Meta(min_length=1)]


class _Video(msgspec.Struct, gc=False):
    video_id: Text
    split: Literal['train', 'validate', 'test']


class _Sentence(msgspec.Struct, gc=False):
    video_id: str
    caption: str


class _File(msgspec.Struct):
    videos: list[_Video]
    sentences: list[_Sentence]


class _Entry(msgspec.Struct, gc=False):
    video: Text
    caption: str | list[str]


@DATASETS.register_module()
class MSRVTTCaptionDataset(CaptionRows):
    """MSR-VTT (Xu et al., CVPR 2016): 20 captions a video; as published, or as the released eP-ALM reads it; see docs/video.md.

    ``layout='official'``: ``<root>/train_val_videodatainfo.json`` and ``test_videodatainfo.json`` with ``videos``, of which
    ``video_id`` and ``split`` ('train', 'validate', 'test'), and ``sentences``, of which ``video_id`` and ``caption`` are read;
    videos ``<root>/TrainValVideo/video0.mp4``, ``<root>/TestVideo/video7010.mp4``. ``layout='epalm'``:
    ``<root>/annotation/msrvtt_caption_train7k.json``, ``msrvtt_caption_val.json``, ``msrvtt_caption_test.json``, lists of
    ``video`` and ``caption``; videos ``<root>/videos/all/``. (The release has no file of a validation split: it chose by the test
    split. ``fold='fit'`` and ``fold='held_out'`` of 'train' are without that fault.)

    Args:
        split: 'train' (6,513 videos in the official files), 'val' (497) or 'test' (2,990).
        root: the folder of all of it.
        layout: of the files.
        captions: the file elsewhere.
        videos: the folder that holds the videos, if not as above.
        question: put before every caption; nothing unless told.
        answer: see :class:`~.caption_rows.CaptionRows`: each caption is a sample in training, each video one elsewhere.
        preprocessing, transform, fold, limit, seed, shuffle_media, check_media, unreadable: see :class:`~.rows.RowsDataset`.

    Raises:
        ConfigError: unknown split or layout; a file in another format, without videos of the split, with a video that has no
            captions, or with a blank caption.
        MissingDataError: the file or videos are missing.
    """

    modality = 'video'
    where = (
        'Videos are published as TrainValVideo and TestVideo (docs/video.md); name the folder that holds them: videos='
    )

    @hands_on(CaptionRows.__init__, 'answer', *SHARED)
    def __init__(
        self,
        split: Literal['train', 'val', 'test'] = 'train',
        root: str | Path = 'data/msrvtt',
        layout: Literal['official', 'epalm'] = 'official',
        captions: str | Path | None = None,
        videos: str | Path | None = None,
        question: str = '',
        **shared: Any,
    ):
        check_choice('MSRVTTCaptionDataset', 'split', split, SPLITS)
        check_choice('MSRVTTCaptionDataset', 'layout', layout, LAYOUTS)
        root = Path(root).expanduser()
        if layout == 'official':
            file = root / ('test_videodatainfo.json' if split == 'test' else 'train_val_videodatainfo.json')
            read, folder = _official, root / MSRVTT_VIDEOS[split]
        else:
            file = root / 'annotation' / f'msrvtt_caption_{"train7k" if split == "train" else split}.json'
            read, folder = _released, root / 'videos' / 'all'
        file = file if captions is None else Path(captions).expanduser()
        super().__init__(
            (_row(file, video, texts, question) for video, texts in read(file, split)),
            folder if videos is None else videos,
            split,
            modality='video',
            **shared,
        )

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """The same data set of 2 made-up videos a split, written below ``folder``."""
        split, root = arguments.get('split', 'train'), Path(folder) / 'msrvtt'
        write_video_captions(root, split, arguments.get('layout', 'official'), MSRVTT_VIDEOS[split])
        kept = {name: value for name, value in arguments.items() if name not in ('captions', 'videos')}
        return {**kept, 'root': str(root)}


def _official(file: Path, split: str) -> Iterator[tuple[str, list[str]]]:
    read = read_json(file, _File, WHAT, OFFICIAL)
    texts = defaultdict(list)
    for sentence in read.sentences:
        texts[sentence.video_id].append(sentence.caption)
    unknown = sorted(texts.keys() - {video.video_id for video in read.videos})
    if unknown:
        raise ConfigError(
            f'{file}: {len(unknown):,} videos have captions and are not listed, such as {unknown[0]}.\n{OFFICIAL}'
        )
    chosen = [video.video_id for video in read.videos if video.split == NAMES[split]]
    if not chosen:
        found = ', '.join(sorted({video.split for video in read.videos})) or 'none at all'
        raise ConfigError(f'{file} has no videos of the split {NAMES[split]!r}; it has {found}.\n{OFFICIAL}')
    for video in chosen:
        yield f'{video}.mp4', texts[video]


def _released(file: Path, split: str) -> Iterator[tuple[str, list[str]]]:
    entries = read_json(file, list[_Entry], WHAT, EPALM)
    if not entries:
        raise ConfigError(f'{file} has an empty list of captions. Download it again.')
    texts = defaultdict(list)
    for entry in entries:  # a video may have several entries of one caption each
        texts[entry.video] += [entry.caption] if isinstance(entry.caption, str) else entry.caption
    yield from texts.items()


def _row(file: Path, video: str, texts: list[str], question: str) -> Row:
    captions = tuple(' '.join(text.split()) for text in texts)
    if not captions or not all(captions):
        what = 'a caption without text' if captions else 'no captions'
        raise ConfigError(f'{file}: {video} has {what}. Download the file again.')
    return Row(Path(video).stem, video, 'caption', question, captions)
