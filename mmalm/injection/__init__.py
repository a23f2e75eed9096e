"""Putting perceptual tokens into an unmodified language model."""

from .anatomy import Anatomy
from .cache import PerceptualCache
from .injection import Injection, InjectionPlan, make_plan
from .injector import Injector
from .tokens import PerceptualTokens, QueriedTokens, StaticTokens

__all__ = [
    'Anatomy',
    'Injection',
    'InjectionPlan',
    'Injector',
    'PerceptualCache',
    'PerceptualTokens',
    'QueriedTokens',
    'StaticTokens',
    'make_plan',
]
