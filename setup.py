"""Install mmalm. The versions it asks for are read from requirements/, the one place they are written."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent


def requirements(name: str) -> list[str]:
    """The lines of requirements/NAME.txt, comments left out."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text(encoding='utf-8').splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith('#')]


def version() -> str:
    # read, not imported: importing the package needs what is about to be installed
    text = (ROOT / 'mmalm' / '__init__.py').read_text(encoding='utf-8')
    return re.search(r"^__version__ = '([^']+)'", text, re.MULTILINE).group(1)


extras = {name: requirements(name) for name in ('xformers', 'test', 'dev')}

setup(
    name='mmalm',
    version=version(),
    description='Turn frozen unimodal models into multimodal ones by training under 1 % of the parameters',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8') if (ROOT / 'README.md').is_file() else '',
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    license_files=['LICENSE'],
    python_requires='>=3.11,<3.13',
    packages=find_packages(include=['mmalm', 'mmalm.*']),
    package_data={'mmalm': ['**/*.json', 'datasets/media/*.png', 'pages/templates/*']},
    install_requires=requirements('runtime'),
    extras_require={**extras, 'all': sorted({line for lines in extras.values() for line in lines})},
    classifiers=[
        'Intended Audience :: Science/Research',
        'Operating System :: POSIX :: Linux',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
    ],
)
