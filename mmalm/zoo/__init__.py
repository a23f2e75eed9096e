"""The offline zoo: real weights and pictures that come inside registry packages, where no model hub can be reached."""

from .catalog import CATALOG, Item, find_item
from .names import architecture, resolve
from .store import home

__all__ = ['CATALOG', 'Item', 'architecture', 'find_item', 'home', 'resolve']
