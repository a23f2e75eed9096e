"""What a model has for each modality, whether it says so by modality or has one encoder for all."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn


def encoder_of(model: nn.Module, modality: str) -> nn.Module:
    """The encoder of a modality: ``model.encoder_of(modality)``, or ``model.encoder``."""
    return model.encoder_of(modality) if hasattr(model, 'encoder_of') else model.encoder


def preprocessing_of(model: nn.Module) -> Callable[[str], Any] | None:
    """From a modality to how its encoder wants its input; None for a model that does not say."""
    if hasattr(model, 'preprocessing_of'):
        return model.preprocessing_of
    return (lambda modality: model.preprocessing) if hasattr(model, 'preprocessing') else None


def reads_of(model: nn.Module, modality: str) -> str:
    """What of a perception the connector of a modality reads, 'cls' or 'levels'."""
    return model.reads_of(modality) if hasattr(model, 'reads_of') else 'cls'


def plans_of(model: nn.Module) -> dict[str, Any]:
    """The injection plans of a model: of each adaptation by its modality, or the one it has under ''; none without a schedule."""
    parts = dict(model.adaptations.items()) if hasattr(model, 'adaptations') else {'': model}
    plans = {name: getattr(part, 'plan', None) for name, part in parts.items()}
    return {name: plan for name, plan in plans.items() if plan is not None}


def drawn(plans: Mapping[str, Any]) -> str:
    """All plans as text, each under its modality."""
    return '\n\n'.join(f'{name}\n{plan.draw()}' if name else plan.draw() for name, plan in plans.items())
