"""Captions of AudioCaps' sounds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from ..atomic import write_json
from ..errors import ConfigError, check_choice
from ..registry import DATASETS
from .caption_rows import CaptionRows, caption_rows
from .csv_files import read_csv
from .handing_on import SHARED, hands_on
from .hash_split import SPLITS
from .json_files import read_json
from .sound_shrink import made_up_captions, write_captions_csv

WHAT = 'AudioCaps captions'
LAYOUTS = ('official', 'epalm')
COLUMNS = ('audiocap_id', 'youtube_id', 'start_time', 'caption')
OFFICIAL = f'Wanted: train.csv, val.csv, test.csv with the columns {", ".join(COLUMNS)}: see docs/audio.md.'
EPALM = 'Wanted: a list of objects with audio and caption, a text or a list of them: see docs/audio.md.'


class _Entry(msgspec.Struct, gc=False):
    audio: Annotated[str, msgspec.Meta(min_length=1)]
    caption: str | list[str]


@DATASETS.register_module()
class AudioCapsDataset(CaptionRows):
    """AudioCaps (Kim et al., NAACL 2019): ten seconds of sound, one caption in training and five elsewhere; see docs/audio.md.

    ``layout='official'``: ``<root>/train.csv``, ``val.csv``, ``test.csv``, of which ``youtube_id``, ``start_time`` and
    ``caption`` are read. The sounds are not published, so their names are whatever they were saved under: ``name``.
    ``layout='epalm'``: ``<root>/annotation/audiocaps_caption_train.json`` (val, test), lists of ``audio`` and ``caption``.

    Args:
        split: 'train', 'val' or 'test'.
        root: the folder of all of it.
        layout: of the files.
        captions: the file elsewhere.
        audios: the folder of the sounds; ``<root>/audios`` unless told.
        name: of a sound's file in the official layout, made of ``{youtube_id}`` and ``{start_time}``.
        question: put before every caption; nothing unless told.
        answer: see :class:`~.caption_rows.CaptionRows`: each caption is a sample in training, each sound one elsewhere.
        preprocessing, transform, fold, limit, seed, shuffle_media, check_media, unreadable: see :class:`~.rows.RowsDataset`.

    Raises:
        ConfigError: unknown split or layout, a ``name`` that cannot be filled, a file in another format or encoding, a sound
            without a caption.
        MissingDataError: the file or sounds are missing. Many of the videos are gone: ``unreadable='leave_out'``.
    """

    modality = 'audio'
    where = "Sounds that can no longer be had are left out, and counted, with unreadable='leave_out' (docs/audio.md)."

    @hands_on(CaptionRows.__init__, 'answer', *SHARED)
    def __init__(
        self,
        split: Literal['train', 'val', 'test'] = 'train',
        root: str | Path = 'data/audiocaps',
        layout: Literal['official', 'epalm'] = 'official',
        captions: str | Path | None = None,
        audios: str | Path | None = None,
        name: str = '{youtube_id}.wav',
        question: str = '',
        **shared: Any,
    ):
        check_choice('AudioCapsDataset', 'split', split, SPLITS)
        check_choice('AudioCapsDataset', 'layout', layout, LAYOUTS)
        root = Path(root).expanduser()
        usual = f'{split}.csv' if layout == 'official' else f'annotation/audiocaps_caption_{split}.json'
        file = root / usual if captions is None else Path(captions).expanduser()
        found = _official(file, name) if layout == 'official' else _released(file)
        super().__init__(
            caption_rows(file, found, question),
            root / 'audios' if audios is None else audios,
            split,
            modality='audio',
            **shared,
        )

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """The same data set of a few made-up sounds a split, written below ``folder``."""
        split, root = arguments.get('split', 'train'), Path(folder) / 'audiocaps'
        texts = made_up_captions(root / 'audios', split)
        if arguments.get('layout', 'official') == 'epalm':
            entries = [{'audio': sound, 'caption': captions} for sound, captions in texts.items()]
            write_json(root / 'annotation' / f'audiocaps_caption_{split}.json', entries)
        else:
            pairs = [(Path(sound).stem, caption) for sound, captions in texts.items() for caption in captions]
            write_captions_csv(root / f'{split}.csv', COLUMNS, [(n, s, 30, c) for n, (s, c) in enumerate(pairs)])
        kept = {key: value for key, value in arguments.items() if key not in ('captions', 'audios', 'name')}
        return {**kept, 'root': str(root)}


def _official(file: Path, name: str) -> Iterator[tuple[str, str]]:
    for _, row in read_csv(file, COLUMNS, WHAT, OFFICIAL):
        try:
            yield name.format(youtube_id=row['youtube_id'], start_time=row['start_time']), row['caption']
        except (KeyError, IndexError, ValueError) as error:
            raise ConfigError(
                f'AudioCapsDataset: name={name!r} is made of {{youtube_id}} and {{start_time}} alone ({error}).'
            ) from error


def _released(file: Path) -> Iterator[tuple[str, str]]:
    entries = read_json(file, list[_Entry], WHAT, EPALM)
    if not entries:
        raise ConfigError(f'{WHAT}: {file} has an empty list of captions. Download it again.')
    for number, entry in enumerate(entries):
        captions = [entry.caption] if isinstance(entry.caption, str) else entry.caption
        if not captions:
            raise ConfigError(f'{WHAT}: {file}: entry {number} ({entry.audio}) has no captions. {EPALM}')
        yield from ((entry.audio, caption) for caption in captions)
