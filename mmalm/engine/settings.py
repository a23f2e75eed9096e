"""Checks of a config under their former names."""

from mmalm.config import unwrapped
from mmalm.validation import check as check_config
from mmalm.validation import refuse_test_split

__all__ = ['check_config', 'refuse_test_split', 'unwrapped']
