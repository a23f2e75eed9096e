"""Configs checked before a run: every node against its component, and the parts against each other."""

from .check import Checked, check, find_faults
from .top_level import refuse_test_split

__all__ = ['Checked', 'check', 'find_faults', 'refuse_test_split']
