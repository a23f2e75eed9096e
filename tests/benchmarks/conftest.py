"""Benchmarks use every core, unlike the unit tests."""

import os
from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True, scope='session')
def all_cores() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    yield
    torch.set_num_threads(threads)
