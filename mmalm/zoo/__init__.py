"""The offline zoo: weights and pictures that come inside registry packages, and architectures of hub models as data."""

from .catalog import CATALOG, Item, find_item
from .known import KnownModel, known_models
from .names import architecture, closest_model, local_file, resolve, shipped_architecture
from .store import home

__all__ = [
    'CATALOG',
    'Item',
    'KnownModel',
    'architecture',
    'closest_model',
    'find_item',
    'home',
    'known_models',
    'local_file',
    'resolve',
    'shipped_architecture',
]
