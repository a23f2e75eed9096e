"""Configs checked before a run: every node against its component, and the parts against each other."""

from .check import Checked, check, find_faults

__all__ = ['Checked', 'check', 'find_faults']
