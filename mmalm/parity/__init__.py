"""Comparing mmalm's components with numbers recorded from the released codes.

A case is one safetensors file: weights, inputs and outputs of a released implementation on a tiny random model, its settings as
strings in the metadata.
"""

from .case import Comparison, check_case

__all__ = ['Comparison', 'check_case']
