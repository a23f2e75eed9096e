"""Connectors: from a Perception to perceptual tokens of the language model's width."""

from .base import Connector
from .linear import LinearConnector

__all__ = ['Connector', 'LinearConnector']
