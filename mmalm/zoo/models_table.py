"""The hub models whose architecture is shipped, as a table for people."""

from typing import Any

from .known import KnownModel, known_models

HEADER = '| name | also | role | built as | layers | width | parameters |\n|---|---|---|---|---:|---:|---:|'
LAYERS = ('num_hidden_layers', 'n_layer', 'num_layers')
WIDTH = ('hidden_size', 'n_embd', 'd_model')


def models_table() -> str:
    """A Markdown table: one row an architecture, with the other hub models that have the same one."""
    models = known_models()
    also: dict[str, list[str]] = {name: [] for name, model in models.items() if model.like is None}
    for name, model in models.items():
        if model.like is not None:
            also[model.like].append(f'`{name}`')
    return '\n'.join([HEADER, *(_row(models[name], others) for name, others in also.items())])


def _row(model: KnownModel, others: list[str]) -> str:
    # of a two-tower model, the tower that becomes the encoder
    facts = model.facts.get('vision_config', model.facts)
    cells = [
        f'`{model.name}`',
        ', '.join(others),
        model.role,
        f'`{model.facts["architectures"][0]}`',
        str(_first(facts, LAYERS)),
        str(_first(facts, WIDTH)),
        f'{model.parameters:,}',
    ]
    return f'| {" | ".join(cells)} |'


def _first(facts: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next(facts[key] for key in keys if key in facts)
