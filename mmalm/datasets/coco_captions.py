"""COCO captions in Karpathy's splits."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from ..atomic import write_json
from ..errors import ConfigError, check_choice
from ..registry import DATASETS
from .caption_rows import CaptionRows
from .handing_on import SHARED, hands_on
from .json_files import read_json
from .media.synthetic import write_media
from .row_table import Row

WHAT = 'COCO captions'
HINT = 'Wanted: dataset_coco.json of Karpathy and Fei-Fei (caption_datasets.zip), an object with "images": see docs/data.md.'
SPLITS = {'train': ('train', 'restval'), 'val': ('val',), 'test': ('test',)}
_FOLDER = re.compile(r'COCO_(\w+?)_\d{12}\.jpg')


class Sentence(msgspec.Struct, gc=False):
    raw: str


class Picture(msgspec.Struct, gc=False):
    filename: Annotated[str, msgspec.Meta(min_length=1)]
    split: Literal['train', 'restval', 'val', 'test']
    sentences: Annotated[list[Sentence], msgspec.Meta(min_length=1)]
    filepath: str | None = None
    cocoid: int | None = None


class _File(msgspec.Struct):
    images: list[Picture]


@DATASETS.register_module()
class CocoCaptionDataset(CaptionRows):
    """COCO's captions (Chen et al. 2015) in the splits of Karpathy and Fei-Fei (CVPR 2015); see docs/data.md.

    ``<root>/dataset_coco.json`` of https://cs.stanford.edu/people/karpathy/deepimagesent/caption_datasets.zip has ``images``, of
    which ``split``, ``filepath`` (folder), ``filename``, ``cocoid`` and ``sentences[].raw`` are read; pictures
    ``<root>/train2014/COCO_train2014_000000000009.jpg``. The file of Flickr30k, which has no folders, is read alike.

    Args:
        split: 'train', 'val' or 'test'.
        root: the folder of all of it.
        restval: whether 'train' has the 30,504 pictures of 'restval' too, as is usual.
        captions: the file elsewhere.
        images: the folder that holds ``train2014`` and ``val2014``, if not ``root``.
        question: put before every caption; nothing unless told.
        answer: see :class:`~.caption_rows.CaptionRows`: each caption is a sample in training, each picture one elsewhere.
        preprocessing, transform, fold, limit, seed, shuffle_media, check_media, unreadable: see :class:`~.rows.RowsDataset`.

    Raises:
        ConfigError: a file in another format or encoding, without pictures of the split, with a blank caption, or with one
            picture twice.
        MissingDataError: the file or pictures are missing.
    """

    where = 'Download the COCO pictures of 2014 (docs/data.md), or name the folder that holds train2014 and val2014: images='

    @hands_on(CaptionRows.__init__, 'answer', *SHARED)
    def __init__(
        self,
        split: Literal['train', 'val', 'test'] = 'train',
        root: str | Path = 'data/coco',
        restval: bool = True,
        captions: str | Path | None = None,
        images: str | Path | None = None,
        question: str = '',
        **shared: Any,
    ):
        check_choice('CocoCaptionDataset', 'split', split, SPLITS)
        root = Path(root).expanduser()
        file = root / 'dataset_coco.json' if captions is None else Path(captions).expanduser()
        wanted = SPLITS[split] if restval else (split,)
        super().__init__(
            _rows(file, wanted, question),
            root if images is None else images,
            split,
            **shared,
        )

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """The same data set of 4 synthetic pictures a split, written below ``folder``."""
        root = Path(folder) / 'coco'
        pictures = []
        for number in range(16):
            split = ('train', 'restval', 'val', 'test')[number % 4]
            year = 'train2014' if split == 'train' else 'val2014'
            name = f'COCO_{year}_{number:012d}.jpg'
            write_media(root / year / name, 'image', number)
            texts = [f'A picture of number {number}.', f'Number {number}.']
            sentences = [{'raw': text, 'tokens': text.lower().strip('.').split(), 'sentid': number} for text in texts]
            known = {'filepath': year, 'filename': name, 'split': split, 'cocoid': number, 'imgid': number}
            pictures.append({**known, 'sentences': sentences})
        write_json(root / 'dataset_coco.json', {'images': pictures, 'dataset': 'coco'})
        kept = {name: value for name, value in arguments.items() if name not in ('captions', 'images')}
        return {**kept, 'root': str(root)}


def _rows(file: Path, splits: tuple[str, ...], question: str) -> Iterator[Row]:
    pictures = read_json(file, _File, WHAT, HINT).images
    chosen = [picture for picture in pictures if picture.split in splits]
    if not chosen:
        found = ', '.join(sorted({picture.split for picture in pictures}))
        raise ConfigError(
            f'{file} has no pictures of the split {" or ".join(splits)}; it has {found or "none at all"}.\n{HINT}'
        )
    seen: set[str] = set()
    for picture in chosen:
        if picture.filename in seen:
            raise ConfigError(f'{file}: the picture {picture.filename} occurs more than once. Download the file again.')
        seen.add(picture.filename)
        captions = tuple(' '.join(sentence.raw.split()) for sentence in picture.sentences)
        if not all(captions):
            raise ConfigError(f'{file}: {picture.filename} has a caption without text. Download the file again.')
        yield Row(
            id=Path(picture.filename).stem if picture.cocoid is None else str(picture.cocoid),
            media='/'.join(filter(None, (_folder(picture), picture.filename))),
            task='caption',
            question=question,
            answers=captions,
        )


def _folder(picture: Picture) -> str:
    if picture.filepath is not None:
        return picture.filepath
    match = _FOLDER.fullmatch(picture.filename)
    return '' if match is None else match[1]
