"""Java programs of the COCO caption evaluation: where they are, and what is missing."""

import importlib.util
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from mmalm.errors import ConfigError, MissingDataError

PACKAGE = 'pycocoevalcap'
METEOR = 'meteor/meteor-1.5.jar'
SPICE = 'spice/spice-1.0.jar'
# the parser SPICE stands on is not in the package; it is fetched apart
SPICE_MODELS = ('spice/lib/stanford-corenlp-3.6.0.jar', 'spice/lib/stanford-corenlp-3.6.0-models.jar')
_NEEDS = {'meteor': (METEOR, 'meteor/data/paraphrase-en.gz'), 'spice': (SPICE, *SPICE_MODELS)}


@dataclass(frozen=True)
class Programs:
    """Where Java and the evaluation's programs are.

    Attributes:
        java: the command.
        folder: holds ``meteor`` and ``spice`` as the package pycocoevalcap does.
    """

    java: str
    folder: Path

    def run(self, jar: str, *arguments: str, memory: str = '2G', **options) -> subprocess.Popen:
        """Start a program in its own folder, where it looks for its data."""
        path = self.folder / jar
        # the parser's library looks into classes that newer Java versions close
        opened = [f'--add-opens=java.base/{package}=ALL-UNNAMED' for package in ('java.lang', 'java.math', 'java.util')]
        command = [self.java, f'-Xmx{memory}', '-Dfile.encoding=UTF-8', *opened, '-jar', path.name, *arguments]
        return subprocess.Popen(command, cwd=path.parent, encoding='utf-8', **options)


def find_programs(folder: str | Path | None = None) -> Programs:
    """Java and the programs, whether all are there or not.

    Args:
        folder: of the programs; that of the installed package pycocoevalcap where None.
    """
    if folder is None:
        found = importlib.util.find_spec(PACKAGE)
        folder = Path(found.submodule_search_locations[0]) if found else Path(PACKAGE)
    return Programs(shutil.which('java') or '', Path(folder).expanduser())


def missing(programs: Programs, score: str) -> str:
    """What METEOR ('meteor') or SPICE ('spice') lacks here, and what to do; empty where it can be computed."""
    if not programs.java:
        return 'Java is not here: install a runtime (package openjdk-17-jre-headless, or default-jre).'
    absent = [name for name in _NEEDS[score] if not (programs.folder / name).is_file()]
    if not absent:
        return ''
    if not programs.folder.is_dir():
        return f'its program is not here: pip install {PACKAGE}, or set programs= to the folder that holds {absent[0]}.'
    models = ''
    if set(absent) <= set(SPICE_MODELS):
        models = f' Fetch them once: python -c "from {PACKAGE}.spice import get_stanford_models as g; g.get_stanford_models()".'
    return f'{", ".join(absent)} missing in {programs.folder}.{models}'


def failed(what: str, error: str) -> MissingDataError:
    """The error for a program that ended, with the last of what it said."""
    said = '\n'.join(error.strip().splitlines()[-3:]) or 'It said nothing.'
    return MissingDataError(f'{what} could not be computed: its Java program ended.\n{said}')


def refuse(owner: str, score: str, reason: str) -> None:
    """Raise the error for a score that was asked for and cannot be had."""
    raise ConfigError(
        f"{owner}: {score} cannot be computed: {reason} Or take it out of scores=, or set scores='available'."
    )
