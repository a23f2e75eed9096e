"""Names and settings of checkpoints of the code released with eP-ALM (arXiv 2303.11403).

Released -> mmalm, with i a connector, n a layer and a the place of the adapters in the config:

connector.i.*                                       connector.projections.i.*
prompt_module.prefix_embedding.0.weight             soft_prompt.embedding.weight
prompt_module.prefix_embedding.1.*, .3.*            soft_prompt.mlp.0.*, .2.*
model_text.model.decoder.layers.n.fc2.1.adapter.*   adapters.a.layers.n.* of place 'mlp'
model_text.model.decoder.layers.n.self_attn.adapter.*   of place 'attention'

The released model holds its layers under 'transformer.n' a second time, so adapters are there twice.
"""

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from ..errors import CheckpointError

_PROMPT = {'0': 'soft_prompt.embedding', '1': 'soft_prompt.mlp.0', '3': 'soft_prompt.mlp.2'}
_ADAPTER = re.compile(
    r'(?:model_text\.model\.decoder\.layers|transformer)\.(\d+)\.(fc2\.1|self_attn)\.adapter\.(\d)\.(weight|bias)'
)
_PLACES = {'fc2.1': 'mlp', 'self_attn': 'attention'}
# positions in the released nn.Sequential, without and with a LayerNorm in front
_PARTS = {False: {'0': 'down', '2': 'up'}, True: {'0': 'norm', '1': 'down', '3': 'up'}}

# settings of the released config: key, its value where it is left out, where mmalm's config has it
_SETTINGS = (
    ('start_layer_idx', 0, 'schedule.start'),
    ('end_layer_idx', 0, 'schedule.end'),
    ('text_step', 1, 'schedule.text_step'),
    ('select_higher_step', False, 'schedule.select_higher_step'),
    ('injected_hidden_states', 1, 'encoder.levels'),
)


def epalm_weights(state: Mapping[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """The weights of a released checkpoint by mmalm's names.

    Args:
        state: by released names, without 'module.'.
        model: the :class:`~mmalm.models.AugmentedLM` they are for; its adapters say which is at which place.

    Raises:
        CheckpointError: names that the released code does not have.
    """
    normed = {m[2] for m in map(_ADAPTER.fullmatch, state) if m and m[3] == '3'}
    adapters = {adapter.place: number for number, adapter in enumerate(getattr(model, 'adapters', ()))}
    found, unknown = {}, []
    for name, tensor in state.items():
        own = _own_name(name, normed, adapters)
        if own is None:
            unknown.append(name)
        else:
            found[own] = tensor.float()
    if unknown:
        more = f' and {len(unknown) - 6} more' if len(unknown) > 6 else ''
        raise CheckpointError(
            f'these are no names of the released eP-ALM: {", ".join(unknown[:6])}{more}. '
            'It has connector.*, prompt_module.prefix_embedding.* and, in layers, fc2.1.adapter.* or self_attn.adapter.*.'
        )
    return found


def _own_name(name: str, normed: set[str], adapters: Mapping[str, int]) -> str | None:
    if match := re.fullmatch(r'connector\.(\d+)\.(weight|bias)', name):
        return f'connector.projections.{match[1]}.{match[2]}'
    if match := re.fullmatch(r'prompt_module\.prefix_embedding\.([013])\.(weight|bias)', name):
        return f'{_PROMPT[match[1]]}.{match[2]}'
    if match := _ADAPTER.fullmatch(name):
        layer, where, position, kind = match.groups()
        part = _PARTS[where in normed].get(position)
        number = adapters.get(_PLACES[where], f'({_PLACES[where]})')  # without one the name tells what is lacking
        return part and f'adapters.{number}.layers.{layer}.{part}.{kind}'
    return None


def epalm_settings(released: Any, model: nn.Module) -> list[str]:
    """Where the released config in a checkpoint says another thing than the model does.

    Args:
        released: the checkpoint's 'config'; nothing is said of one that does not say where it injects.
        model: what mmalm's config makes.
    """
    if not isinstance(released, Mapping) or 'start_layer_idx' not in released:
        return []
    schedule = model.schedule
    own = {
        'schedule.start': getattr(schedule, 'start', None),
        'schedule.end': getattr(schedule, 'end', None) or model.language_model.num_layers,
        'schedule.text_step': getattr(schedule, 'text_step', None),
        'schedule.select_higher_step': getattr(schedule, 'select_higher_step', None),
        'encoder.levels': model.encoder.num_levels,
    }
    return [
        f'{key} is {there} there, and the config has model.{path} = {own[path]}'
        for key, left_out, path in _SETTINGS
        if (there := released.get(key, left_out)) != own[path]
    ]


def prepare_epalm(model: dict[str, Any]) -> None:
    """Make ``model`` of a config see as the released code does: perceptual tokens that see everything."""
    model['visibility'] = 'all'
