"""Putting perceptual tokens into an unmodified language model."""

from .anatomy import Anatomy
from .block import Block
from .cache import PerceptualCache
from .injected import Injected
from .injection import Injection, InjectionPlan, make_plan
from .injector import Injector, Opened
from .passing import tree_positions
from .prefix import SharedPrefix
from .prompt import Prompt
from .tokens import AttendedMemory, PerceptualTokens, QueriedTokens, StaticTokens

__all__ = [
    'Anatomy',
    'AttendedMemory',
    'Block',
    'Injected',
    'Injection',
    'InjectionPlan',
    'Injector',
    'Opened',
    'PerceptualCache',
    'PerceptualTokens',
    'Prompt',
    'QueriedTokens',
    'SharedPrefix',
    'StaticTokens',
    'make_plan',
    'tree_positions',
]
