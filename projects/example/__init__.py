"""A project of one's own, in miniature: a connector, a schedule and a config; docs/extending.md walks through it."""

from .gated_connector import GatedConnector
from .pulses import Pulses

__all__ = ['GatedConnector', 'Pulses']
