"""Finding where a visual prompt belongs: searchers over placements."""

from .halving import SuccessiveHalving
from .preferences import GradientBandit, KabApp
from .searcher import Searcher

__all__ = ['GradientBandit', 'KabApp', 'Searcher', 'SuccessiveHalving']
