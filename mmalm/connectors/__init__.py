"""Connectors: from a Perception to perceptual tokens of the language model's width."""

from .average_pool import AveragePool
from .base import Connector
from .cross_attention import GatedCrossAttention
from .cross_attention_prompt import CrossAttentionPrompt
from .linear import LinearConnector
from .linear_resampler import LinearResampler
from .mapl import MaplMapper
from .query_pooling import QueryPooling
from .query_resampler import QueryResampler
from .random_patches import RandomPatches
from .token import TokenConnector

__all__ = [
    'AveragePool',
    'Connector',
    'CrossAttentionPrompt',
    'GatedCrossAttention',
    'LinearConnector',
    'LinearResampler',
    'MaplMapper',
    'QueryPooling',
    'QueryResampler',
    'RandomPatches',
    'TokenConnector',
]
