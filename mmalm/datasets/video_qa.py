"""Question answering about videos: MSRVTT-QA and MSVD-QA."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from ..atomic import write_json
from ..errors import ConfigError, check_choice
from ..registry import DATASETS
from .handing_on import SHARED, hands_on
from .json_files import paths
from .rows import RowsDataset
from .video_qa_files import read_names, read_official, read_released
from .video_shrink import ASKED, write_video_questions

LAYOUTS = ('official', 'epalm')
SPLITS = ('train', 'val', 'test')
# the folder of MSR-VTT's videos, by split, in its own archives
MSRVTT_VIDEOS = {'train': 'TrainValVideo', 'val': 'TrainValVideo', 'test': 'TestVideo'}


class VideoQA(RowsDataset):
    """Base of both; see :class:`MSRVTTQADataset` for the arguments. A subclass says where files and videos are."""

    modality = 'video'
    # of annotation/<prefix>_vqa_<split>.json, and the folder of all of it unless told
    prefix: str
    home: str

    @hands_on(RowsDataset.__init__, *SHARED)
    def __init__(
        self,
        split: Literal['train', 'val', 'test'] = 'train',
        root: str | Path | None = None,
        layout: Literal['official', 'epalm'] = 'official',
        questions: str | Path | Sequence[str | Path] | None = None,
        videos: str | Path | None = None,
        candidates: str | Path | None = None,
        **shared: Any,
    ):
        name = type(self).__name__
        check_choice(name, 'split', split, SPLITS)
        check_choice(name, 'layout', layout, LAYOUTS)
        root = Path(self.home if root is None else root).expanduser()
        if layout == 'official':
            files = paths(questions, 'questions') or [root / f'{split}_qa.json']
            named = self.namer(root)
            rows = chain.from_iterable(read_official(file, named) for file in files)
            folder = root / self.folder(split)
        else:
            files = paths(questions, 'questions') or [root / 'annotation' / f'{self.prefix}_vqa_{split}.json']
            rows = chain.from_iterable(map(read_released, files))
            folder = root / 'videos' / 'all'
        super().__init__(
            rows,
            folder if videos is None else videos,
            modality='video',
            answer='sampled' if split == 'train' and shared['fold'] != 'held_out' else 'first',
            candidates=candidates,
            **shared,
        )
        self.split = split
        self.say_notes(split)

    @staticmethod
    def closed_tasks(arguments: Mapping[str, Any]) -> dict[str, bool]:
        """The one task, whose answers are a closed set where one is given."""
        return {'vqa': arguments.get('candidates') is not None}

    @staticmethod
    def folder(split: str) -> str:
        """The official folder of a split's videos, below the root."""
        raise NotImplementedError

    @staticmethod
    def namer(root: Path) -> Any:
        """A function from a video's number to its file."""
        raise NotImplementedError

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """The same data set of 4 questions about 2 made-up videos, written below ``folder``."""
        split, layout = arguments.get('split', 'train'), arguments.get('layout', 'official')
        root = Path(folder) / cls.prefix
        write_video_questions(root, split, layout, cls.prefix, cls.folder(split))
        kept = {key: value for key, value in arguments.items() if key not in ('questions', 'videos')}
        if kept.get('candidates') is not None:
            kept['candidates'] = str(root / 'labels.json')
            write_json(root / 'labels.json', [answer for _, answers in ASKED for answer in answers])
        return {**kept, 'root': str(root)}


@DATASETS.register_module()
class MSRVTTQADataset(VideoQA):
    """MSRVTT-QA (Xu et al., MM 2017), as published or as the released eP-ALM reads it; see docs/video.md.

    ``layout='official'`` (https://github.com/xudejing/video-question-answering): ``<root>/train_qa.json``, ``val_qa.json``,
    ``test_qa.json``, lists of ``id``, ``video_id``, ``question`` and ``answer``; MSR-VTT's videos
    ``<root>/TrainValVideo/video0.mp4``, ``<root>/TestVideo/video7010.mp4``. ``layout='epalm'``:
    ``<root>/annotation/msrvtt_vqa_train.json`` and the like, lists of ``video``, ``question_id``, ``sent`` or ``question`` and
    ``label``; videos ``<root>/videos/all/``.

    Args:
        split: 'train', 'val' or 'test'.
        root: the folder of all of it; ``data/msrvtt`` unless told.
        layout: of the files.
        questions: the file elsewhere, or a list.
        videos: the folder that holds the videos, if not as above.
        candidates: a label file (see :func:`~.labels.read_labels`): the closed set that answers are ranked from.
        preprocessing, transform, fold, limit, seed, shuffle_media, check_media, unreadable: see :class:`~.rows.RowsDataset`.

    Raises:
        ConfigError: unknown split or layout; files in another format; questions without text or answer.
        MissingDataError: files or videos are missing.
    """

    prefix = 'msrvtt'
    home = 'data/msrvtt'
    where = 'The videos are those of MSR-VTT (docs/video.md); name the folder that holds them: videos='

    @staticmethod
    def folder(split: str) -> str:
        return MSRVTT_VIDEOS[split]

    @staticmethod
    def namer(root: Path) -> Any:
        return 'video{}.mp4'.format


@DATASETS.register_module()
class MSVDQADataset(VideoQA):
    """MSVD-QA (Xu et al., MM 2017), as published or as the released eP-ALM reads it; see docs/video.md.

    ``layout='official'`` (https://github.com/xudejing/video-question-answering): files as :class:`MSRVTTQADataset`, and
    ``<root>/youtube_mapping.txt``, whose lines name the clip of each ``video_id``; MSVD's clips
    ``<root>/YouTubeClips/mv89psg6zh4_33_46.avi``. ``layout='epalm'``: ``<root>/annotation/msvd_vqa_train.json`` and the like;
    videos ``<root>/videos/all/``. ``root`` is ``data/msvd`` unless told; the other arguments are those of MSRVTTQADataset.
    """

    prefix = 'msvd'
    home = 'data/msvd'
    where = 'The videos are those of MSVD, YouTubeClips.tar (docs/video.md); name the folder that holds them: videos='

    @staticmethod
    def folder(split: str) -> str:
        return 'YouTubeClips'

    @staticmethod
    def namer(root: Path) -> Any:
        names = read_names(root / 'youtube_mapping.txt')

        def name(video: int) -> str:
            if video not in names:
                raise ConfigError(f'{root / "youtube_mapping.txt"} names no clip of video {video}. Download it again.')
            return f'{names[video]}.avi'

        return name
