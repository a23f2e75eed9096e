"""Parameter-efficient additions to frozen models, and the whitelist of what trains."""

from .bottleneck_adapter import BottleneckAdapter
from .deep_prompt import DeepPrompt
from .lora import LoRA
from .soft_prompt import SoftPrompt

__all__ = ['BottleneckAdapter', 'DeepPrompt', 'LoRA', 'SoftPrompt']
