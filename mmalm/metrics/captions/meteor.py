"""METEOR 1.5 (Denkowski and Lavie, WMT 2014), by its own program."""

import subprocess
import tempfile
from collections.abc import Sequence

from .java import METEOR, Programs, failed


def meteor(captions: Sequence[str], references: Sequence[Sequence[str]], programs: Programs) -> float:
    """METEOR of the corpus, 0 to 1, English, with the evaluation's options.

    Args:
        captions: tokenised, one a media.
        references: tokenised, one or more for each.
        programs: where the program is; it needs 2 GB of memory.

    Raises:
        MissingDataError: the program ended before its answer.
    """
    with tempfile.TemporaryFile('w+', encoding='utf-8') as errors:
        process = programs.run(
            METEOR,
            '-',
            '-',
            '-stdio',
            '-l',
            'en',
            '-norm',
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        with process:
            try:
                # asked one at a time: written all at once, its answers would fill the pipe before they are read
                statistics = [
                    _ask(process, ' ||| '.join(('SCORE', *texts, caption)))
                    for caption, texts in zip(captions, references, strict=True)
                ]
                _tell(process, ' ||| '.join(('EVAL', *statistics)))
                answers = [process.stdout.readline() for _ in range(len(captions) + 1)]
                return float(answers[-1])
            except (BrokenPipeError, ValueError) as error:
                process.kill()
                process.wait()
                errors.seek(0)
                raise failed('METEOR', errors.read()) from error
            finally:
                process.kill()


def _ask(process: subprocess.Popen, line: str) -> str:
    _tell(process, line)
    answer = process.stdout.readline().strip()
    if not answer:
        raise ValueError('no answer')
    return answer


def _tell(process: subprocess.Popen, line: str) -> None:
    process.stdin.write(f'{line}\n')
    process.stdin.flush()
