"""Captions of Clotho's sounds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from ..errors import check_choice
from ..registry import DATASETS
from .caption_rows import CaptionRows, caption_rows
from .csv_files import read_csv
from .handing_on import SHARED, hands_on
from .hash_split import SPLITS
from .sound_shrink import made_up_captions, write_captions_csv

WHAT = 'Clotho captions'
# as the official files and folders name them
NAMES = {'train': 'development', 'val': 'validation', 'test': 'evaluation'}
CAPTIONS = tuple(f'caption_{number}' for number in range(1, 6))
HINT = f'Wanted: clotho_captions_development.csv (validation, evaluation) with file_name, {", ".join(CAPTIONS)}: see docs/audio.md.'


@DATASETS.register_module()
class ClothoDataset(CaptionRows):
    """Clotho 2.1 (Drossos et al., ICASSP 2020): 15 to 30 seconds of sound, five captions each; see docs/audio.md.

    ``<root>/clotho_captions_development.csv`` (validation, evaluation), of which ``file_name``, ``caption_1`` .. ``caption_5`` are
    read; sounds ``<root>/development/``, ``validation/``, ``evaluation/``.

    Args:
        split: 'train' (development: 3,839 sounds), 'val' (validation: 1,045) or 'test' (evaluation: 1,045).
        root: the folder of all of it.
        captions: the file elsewhere.
        audios: the folder of the sounds elsewhere.
        question: put before every caption; nothing unless told.
        answer: see :class:`~.caption_rows.CaptionRows`: each caption is a sample in training, each sound one elsewhere.
        preprocessing, transform, fold, limit, seed, shuffle_media, check_media, unreadable: see :class:`~.rows.RowsDataset`.

    Raises:
        ConfigError: unknown split; a file in another format or encoding, or a row without all five captions.
        MissingDataError: the file or sounds are missing.
    """

    modality = 'audio'
    where = 'Unpack clotho_audio_development.7z (validation, evaluation) beside the captions: docs/audio.md.'

    @hands_on(CaptionRows.__init__, 'answer', *SHARED)
    def __init__(
        self,
        split: Literal['train', 'val', 'test'] = 'train',
        root: str | Path = 'data/clotho',
        captions: str | Path | None = None,
        audios: str | Path | None = None,
        question: str = '',
        **shared: Any,
    ):
        check_choice('ClothoDataset', 'split', split, SPLITS)
        root = Path(root).expanduser()
        file = root / f'clotho_captions_{NAMES[split]}.csv' if captions is None else Path(captions).expanduser()
        super().__init__(
            caption_rows(file, _pairs(file), question),
            root / NAMES[split] if audios is None else audios,
            split,
            modality='audio',
            **shared,
        )

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """The same data set of a few made-up sounds a split, written below ``folder``."""
        split, root = arguments.get('split', 'train'), Path(folder) / 'clotho'
        texts = made_up_captions(root / NAMES[split], split, len(CAPTIONS))
        rows = [(sound, *captions) for sound, captions in texts.items()]
        write_captions_csv(root / f'clotho_captions_{NAMES[split]}.csv', ('file_name', *CAPTIONS), rows)
        kept = {key: value for key, value in arguments.items() if key not in ('captions', 'audios')}
        return {**kept, 'root': str(root)}


def _pairs(file: Path) -> Iterator[tuple[str, str]]:
    for _, row in read_csv(file, ('file_name', *CAPTIONS), WHAT, HINT):
        yield from ((row['file_name'], row[name]) for name in CAPTIONS)
