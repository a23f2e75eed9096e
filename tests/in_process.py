"""Tools run in the test's own process: importing torch and transformers costs seconds in a process of its own."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[1] / 'tools'


def tool(patch: pytest.MonkeyPatch, name: str) -> Callable:
    """The main() of tools/<name>.py as a function of its command line."""
    patch.syspath_prepend(str(TOOLS))
    spec = importlib.util.spec_from_file_location(f'{name}_tool', TOOLS / f'{name}.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def main(*arguments):
        patch.setattr(sys, 'argv', [f'{name}.py', *map(str, arguments)])
        return module.main()

    return main
