"""Files, folders and links that are there whole or not at all."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder that becomes ``folder``, replacing an earlier one, when the block ends well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f'.{folder.name}.', dir=folder.parent))
    temporary.chmod(0o755)  # mkdtemp's folders are closed to others
    try:
        yield temporary
        for file in temporary.rglob('*'):
            if not file.is_file():
                continue
            with open(file, 'rb') as opened:
                os.fsync(opened.fileno())
        if folder.exists():
            # folders cannot be exchanged in one call everywhere: the old one steps aside first
            aside = Path(tempfile.mkdtemp(prefix=f'.{folder.name}.old.', dir=folder.parent))
            folder.rename(aside / 'old')
            temporary.rename(folder)
            shutil.rmtree(aside)
        else:
            temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_json(file: Path, content: Any) -> None:
    """Write ``content`` as JSON, replacing the file in one step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f'.{file.name}.{os.getpid()}')
    temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + '\n', encoding='utf-8')
    temporary.replace(file)


def point(link: Path, target: Path) -> None:
    """Make ``link`` a relative symbolic link to ``target``, replacing an earlier one in one step."""
    temporary = link.with_name(f'.{link.name}.{os.getpid()}')
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(os.path.relpath(target, link.parent))
    temporary.replace(link)
