"""The nodes of a config: which dict is which component, what each may hold, and changing them from the command line."""

from .options import set_options
from .parameters import Parameters, parameters_of
from .walk import TOP, Node, component_of, nodes

__all__ = ['TOP', 'Node', 'Parameters', 'component_of', 'nodes', 'parameters_of', 'set_options']
