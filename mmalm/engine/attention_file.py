"""What prompts attend to, in numbers, beside the results they belong to."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..atomic import write_text
from ..pages.attention import Attention

DIGITS = 6


def attention_file(results: Path) -> Path:
    """Where the numbers lie: ``NAME_attention.json`` beside ``NAME.json``."""
    return results.with_name(f'{results.stem}_attention.json')


def write_attention(file: Path, found: Mapping[int, Attention], predictions: Sequence[Mapping[str, Any]]) -> None:
    """Write ``{'samples': [..]}``, a line a sample; apart from the results, which many grids would swell.

    A sample has its place and id in the results, the share of each patch, row by row, the share elsewhere, and where the grid
    lies on the picture: left, top, right, bottom, as shares of its width and height.

    Args:
        file: to be written.
        found: by place in ``predictions``.
        predictions: of the results.
    """
    lines = [
        json.dumps(
            {
                'place': place,
                'id': predictions[place].get('id'),
                'elsewhere': round(one.elsewhere, DIGITS),
                'region': [round(edge, DIGITS) for edge in one.region],
                'patches': [[round(share, DIGITS) for share in row] for row in one.patches.tolist()],
            },
            ensure_ascii=False,
        )
        for place, one in found.items()
    ]
    write_text(file, '{"samples": [\n' + ',\n'.join(lines) + '\n]}\n')
