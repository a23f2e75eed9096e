"""nocaps: captions of things that COCO's do not name."""

from collections.abc import Iterator, Mapping, Sequence
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

WHAT = 'nocaps'
HINT = 'Wanted: {file} of https://nocaps.org/download, an object with "images"{more}: see docs/data.md.'
FILES = {'val': 'nocaps_val_4500_captions.json', 'test': 'nocaps_test_image_info.json'}
DOMAINS = ('in-domain', 'near-domain', 'out-domain')


class Picture(msgspec.Struct, gc=False):
    id: int
    file_name: Annotated[str, msgspec.Meta(min_length=1)]
    open_images_id: str = ''
    domain: Literal['in-domain', 'near-domain', 'out-domain'] | None = None


class Caption(msgspec.Struct, gc=False):
    image_id: int
    caption: str


class _File(msgspec.Struct):
    images: Annotated[list[Picture], msgspec.Meta(min_length=1)]
    annotations: list[Caption] = []


@DATASETS.register_module()
class NoCapsDataset(CaptionRows):
    """nocaps (Agrawal et al., ICCV 2019), for testing alone; see docs/data.md.

    ``<root>/nocaps_val_4500_captions.json`` has ``images`` (``id``, ``file_name``, ``domain``) and ``annotations`` (``image_id``,
    ``caption``), ten a picture; ``<root>/nocaps_test_image_info.json`` has ``images`` alone. Pictures are
    ``<root>/val/<file_name>`` and ``<root>/test/<file_name>``. Samples carry ``image_id`` and ``domain``
    ('in-domain', 'near-domain', 'out-domain'; empty in test, where it is not published).

    Args:
        split: 'val' or 'test'.
        root: the folder of all of it.
        domain: only pictures of it.
        captions: the file elsewhere.
        images: the folder that holds ``val`` and ``test``, if not ``root``.
        question: put before every caption; nothing unless told.
        preprocessing, transform, limit, seed, shuffle_media, check_media, unreadable: see :class:`~.rows.RowsDataset`.

    Raises:
        ConfigError: a file in another format or encoding, pictures without caption, captions without picture.
        MissingDataError: the file or pictures are missing.
    """

    where = 'The pictures are those of Open Images that the file lists (docs/data.md); name the folder above val and test: images='

    @hands_on(CaptionRows.__init__, *(name for name in SHARED if name != 'fold'))
    def __init__(
        self,
        split: Literal['val', 'test'] = 'val',
        root: str | Path = 'data/nocaps',
        domain: Literal['in-domain', 'near-domain', 'out-domain'] | None = None,
        captions: str | Path | None = None,
        images: str | Path | None = None,
        question: str = '',
        **shared: Any,
    ):
        check_choice('NoCapsDataset', 'split', split, FILES)
        if domain is not None:
            check_choice('NoCapsDataset', 'domain', domain, DOMAINS)
        if domain is not None and split == 'test':
            raise ConfigError(
                'NoCapsDataset: which picture of the test split is of which domain is not published. Leave it out.'
            )
        root = Path(root).expanduser()
        file = root / FILES[split] if captions is None else Path(captions).expanduser()
        super().__init__(
            _rows(file, split, domain, question),
            root if images is None else images,
            split,
            **shared,
        )
        self.complete = self.complete and domain is None

    def submission(self, predictions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The server's file, ``[{'image_id': int, 'caption': str}]``, as COCO's caption results have it.

        https://eval.ai/web/challenges/challenge-page/355

        Args:
            predictions: of every picture: ``id`` and ``generated``.

        Raises:
            ConfigError: the data set is a part of its split, or predictions are missing, unknown or without a text.
        """
        return [{'image_id': int(i), 'caption': text} for i, text in self.texts_by_id(predictions).items()]

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict[str, Any]:
        """The same data set of 6 synthetic pictures a split, written below ``folder``."""
        root, split = Path(folder) / 'nocaps', arguments.get('split', 'val')
        pictures, captions = [], []
        for number in range(6):
            name = f'{number:016x}.jpg'
            write_media(root / split / name, 'image', number)
            known = {'id': number, 'open_images_id': name[:-4], 'file_name': name}
            pictures.append(known | ({'domain': DOMAINS[number % 3]} if split == 'val' else {}))
            captions += [
                {'id': 2 * number + i, 'image_id': number, 'caption': f'Number {number}{end}'}
                for i, end in enumerate('.!')
            ]
        write_json(root / FILES[split], {'images': pictures} | ({'annotations': captions} if split == 'val' else {}))
        kept = {name: value for name, value in arguments.items() if name not in ('captions', 'images')}
        return {**kept, 'root': str(root)}


def _rows(file: Path, split: str, domain: str | None, question: str) -> Iterator[Row]:
    hint = HINT.format(file=FILES[split], more=' and "annotations"' if split == 'val' else '')
    content = read_json(file, _File, WHAT, hint)
    captions: dict[int, list[str]] = {picture.id: [] for picture in content.images}
    if len(captions) < len(content.images):
        raise ConfigError(
            f'{file}: {len(content.images) - len(captions):,} ids of pictures occur more than once.\n{hint}'
        )
    for annotation in content.annotations:
        if annotation.image_id not in captions or not annotation.caption.strip():
            what = 'of no picture' if annotation.image_id not in captions else 'without text'
            raise ConfigError(f'{file}: a caption of image_id {annotation.image_id} is {what}.\n{hint}')
        captions[annotation.image_id].append(' '.join(annotation.caption.split()))
    without = [identity for identity, texts in captions.items() if not texts]
    if split == 'val' and without:
        raise ConfigError(
            f'{file}: {len(without):,} of {len(captions):,} pictures have no caption, such as {without[0]}.\n{hint}'
        )
    for picture in content.images:
        if domain is None or picture.domain == domain:
            yield Row(
                id=str(picture.id),
                media=f'{split}/{picture.file_name}',
                task='caption',
                question=question,
                answers=tuple(captions[picture.id]),
                extra={'image_id': picture.id, 'domain': picture.domain or ''},
            )
