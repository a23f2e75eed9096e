"""The results.json of a run: scores, and everything needed to say where they come from."""

import os
import platform
import subprocess
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

import mmalm
from mmalm.config import plain
from mmalm.nodes import nodes, parameters_of

from ..atomic import write_json

# a table with more scores of one group than this would be read by nobody
MOST_OF_GROUP = 10
PACKAGES = ('torch', 'transformers', 'timm', 'mmengine', 'safetensors', 'numpy')


def environment() -> dict[str, Any]:
    """Versions, hardware and commit, as JSON values."""
    return {'versions': versions(), 'hardware': hardware(), 'commit': commit()}


def versions() -> dict[str, str]:
    """Versions of python, mmalm and what it stands on; packages that are not installed are left out."""
    found = {'python': platform.python_version(), 'mmalm': mmalm.__version__}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def hardware() -> dict[str, Any]:
    """Processor, cores this process may use, threads torch uses, and GPUs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
    gpus = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {'processor': _processor(), 'cores': cores, 'threads': torch.get_num_threads(), 'gpus': gpus}


def _processor() -> str:
    info = Path('/proc/cpuinfo')
    if info.is_file():
        for line in info.read_text(errors='replace').splitlines():
            if line.startswith('model name'):
                return line.partition(':')[2].strip()
    return platform.processor() or platform.machine()


def commit() -> str | None:
    """The git commit of the source tree, with ``+changes`` where tracked files differ; None outside a checkout."""
    root = Path(mmalm.__file__).resolve().parents[1]
    if not (root / '.git').exists():
        return None
    try:
        head = _git(root, 'rev-parse', 'HEAD')
        return head + ('+changes' if _git(root, 'status', '--porcelain', '--untracked-files=no') else '')
    except (OSError, subprocess.SubprocessError):
        return None


def answering(config: Mapping[str, Any]) -> dict[str, Any]:
    """How questions are put and answers found: all arguments of the head, those left open included."""
    head = next((node for node in nodes(config) if node.path == 'model.head' and node.component is not None), None)
    return {} if head is None else plain({**parameters_of(head).defaults, **head.arguments})


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(['git', '-C', str(root), *arguments], capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()


def now() -> str:
    """The time in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec='seconds')


def write_results(file: Path, results: Mapping[str, Any]) -> dict[str, Any]:
    """Write results with what :func:`environment` tells; returns what was written."""
    content = {**plain(results), **environment()}
    write_json(file, content)
    return content


def score_table(columns: Mapping[str, Mapping[str, float]]) -> str:
    """Scores as aligned text: one line a score, one column a model, baseline or control.

    Of a group of many scores (``vqa/question_type/...``) only their number is told.
    """
    names = list(dict.fromkeys(name for scores in columns.values() for name in scores))
    sizes = Counter(map(_group, names))
    left_out = {group: size for group, size in sizes.items() if group and size > MOST_OF_GROUP}
    names = [name for name in names if _group(name) not in left_out]
    cells = [['', *columns]]
    cells += [
        [name, *(f'{scores[name]:.4f}' if name in scores else '-' for scores in columns.values())] for name in names
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = [
        '  '.join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in cells
    ]
    return '\n'.join([*lines, *(f'{group}/*: {size} scores, in the results file' for group, size in left_out.items())])


def _group(name: str) -> str:
    """What the last of three or more parts of a name belongs to; '' for other names."""
    group = name.rpartition('/')[0]
    return group if '/' in group else ''
