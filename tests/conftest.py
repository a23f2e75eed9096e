"""Every test runs offline, from the same seed, on a fixed number of threads."""

import os
import random
import signal

# before anything imports the hub's client, which reads these once
os.environ['HF_HUB_OFFLINE'] = '1'
os.environ['TRANSFORMERS_OFFLINE'] = '1'
os.environ['TOKENIZERS_PARALLELISM'] = 'false'

import numpy as np
import pytest
import torch

# tiny tensors: more threads only wait for each other, and sums would depend on how many there are
torch.set_num_threads(1)


# what a shell starts in the background ignores Ctrl-C, and the tests of Ctrl-C would wait for it in vain
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """The same random numbers in every test, whatever ran before it."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
