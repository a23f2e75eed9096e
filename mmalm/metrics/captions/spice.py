"""SPICE (Anderson et al., ECCV 2016), by its own program."""

import json
import math
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mmalm.zoo.store import home

from .java import SPICE, Programs, failed


def spice(captions: Sequence[str], references: Sequence[Sequence[str]], programs: Programs) -> float:
    """SPICE of the corpus: the mean F-measure of what scene graphs have in common, 0 to 1.

    Args:
        captions: tokenised, one a media.
        references: tokenised, one or more for each.
        programs: where the program is; it needs up to 8 GB of memory. What it parsed is kept below mmalm's cache.

    Raises:
        MissingDataError: the program ended without an answer.
    """
    asked = [
        {'image_id': place, 'test': caption, 'refs': list(texts)}
        for place, (caption, texts) in enumerate(zip(captions, references, strict=True))
    ]
    parsed = home() / 'spice'
    parsed.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder, 'in.json'), Path(folder, 'out.json')
        question.write_text(json.dumps(asked), encoding='utf-8')
        arguments = (str(question), '-cache', str(parsed), '-out', str(answer), '-subset', '-silent')
        process = programs.run(SPICE, *arguments, memory='8G', stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said, _ = process.communicate()
        if process.returncode or not answer.is_file():
            raise failed('SPICE', said)
        found = [entry['scores']['All']['f'] for entry in json.loads(answer.read_text(encoding='utf-8'))]
    # it gives no number where neither side has anything to say
    return sum(value for value in map(_number, found) if math.isfinite(value)) / len(asked)


def _number(value: object) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
