"""Rebuilding a recorded eP-ALM case.

Legend: B batch, K levels, L text length, H LM width, V vocabulary.
"""

import json
import warnings

import torch
from torch import Tensor

from ..connectors import LinearConnector
from ..encoders.perception import Perception
from ..errors import ConfigError
from ..injection import Injected, Prompt, StaticTokens, make_plan
from ..injection.schedules import LayerwiseReplace
from ..lms import CausalLM
from ..losses import IGNORED, next_token_losses
from ..tuning import SoftPrompt


def compare_epalm(settings: dict[str, str], tensors: dict[str, Tensor]) -> dict[str, float]:
    """Largest absolute difference of each recorded output, where the attention mask is 1.

    Args:
        settings: the case's metadata: ``lm_config``, ``start``, ``end``, ``text_step``, ``shared_connector``, ``prompt_len``, ...
        tensors: ``lm.*``, ``connector.*``, ``prompt.*``, ``features [K, B, D]``, inputs and outputs.
    """
    lm = _language_model(settings, tensors)
    schedule = LayerwiseReplace(
        int(settings['start']),
        int(settings['end']),
        int(settings.get('text_step', 1)),
        select_higher_step=settings.get('select_higher_step', 'False') == 'True',
    )
    levels = len(tensors['features'])
    # the released code passes over layers that are not there and levels that are left
    there = [
        i for i in schedule.injections(max(int(settings['end']), lm.num_layers), levels) if i.layer < lm.num_layers
    ]
    plan = make_plan(there, lm.num_layers, levels, allow_unused_sources=True)
    tokens = StaticTokens(_connector(settings, tensors, lm)(Perception(tensors['features'].transpose(0, 1))))
    injection = Injected(lm.injector(plan, _visibility(settings, lm)), tokens, _prompt(settings, tensors, lm))
    ids, mask = tensors['input_ids'], tensors['attention_mask']
    logits = lm(ids, mask, injection=injection)
    losses = next_token_losses(logits, tensors['labels']).sum(1)
    found = {'logits': logits, 'logits_without_perception': lm(ids, mask), 'loss_per_sample': losses}
    real = mask.bool()
    differences = {}
    for name, tensor in found.items():
        if name in tensors:
            per_token = tensor.shape[:2] == real.shape
            ours, theirs = (tensor[real], tensors[name][real]) if per_token else (tensor, tensors[name])
            differences[name] = (ours - theirs).abs().max().item()
    # beams are recorded for information: their scores came from a transformers that counted the question in the length
    if 'generated_beams1' in tensors:
        theirs = tensors['generated_beams1']
        ours = lm.generate(ids, mask, injection=injection, max_new_tokens=theirs.shape[1])
        differences['generated_beams1'] = float((_to_length(ours, theirs) != theirs).sum())
    known = {*differences, 'features', 'input_ids', 'attention_mask', 'labels', 'generated_beams3'}
    unknown = [n for n in tensors if n not in known and not n.startswith(('lm.', 'connector.', 'prompt.'))]
    if unknown:
        warnings.warn(f'not compared, since nothing is known of them: {", ".join(unknown)}', stacklevel=2)
    return differences


def _language_model(settings: dict[str, str], tensors: dict[str, Tensor]) -> CausalLM:
    if settings.get('lm') != 'opt':
        raise ConfigError(f'the released eP-ALM knows OPT only, the case says {settings.get("lm")!r}.')
    config = {'model_type': 'opt', 'dropout': 0.0, 'attention_dropout': 0.0, **json.loads(settings['lm_config'])}
    lm = CausalLM(config=config, attention='eager')
    weights = {name.removeprefix('lm.'): t for name, t in tensors.items() if name.startswith('lm.')}
    missing, unexpected = lm.model.load_state_dict(weights, strict=False)
    if unexpected or set(missing) - {'lm_head.weight'}:
        raise ConfigError(f'the recorded weights do not fit: missing {missing}, unexpected {unexpected}.')
    lm.model.tie_weights()
    return lm.requires_grad_(False)


def _visibility(settings: dict[str, str], lm: CausalLM) -> str:
    # replaced at every layer up to the last, the token never passes on what it saw: the causal default gives the same numbers
    to_the_end = int(settings['end']) >= lm.num_layers and int(settings.get('text_step', 1)) == 1
    return 'causal' if to_the_end and settings.get('select_higher_step', 'False') != 'True' else 'all'


def _connector(settings: dict[str, str], tensors: dict[str, Tensor], lm: CausalLM) -> LinearConnector:
    features = tensors['features']
    shared = settings['shared_connector'] == 'True'
    connector = LinearConnector([features.shape[-1]] * len(features), lm.hidden_size, shared)
    weights = {name.removeprefix('connector.'): t for name, t in tensors.items() if name.startswith('connector.')}
    connector.projections.load_state_dict(weights)
    return connector.requires_grad_(False)


def _prompt(settings: dict[str, str], tensors: dict[str, Tensor], lm: CausalLM) -> Prompt | None:
    length = int(settings.get('prompt_len', 0))
    if not length:
        return None
    prompt = SoftPrompt(length, lm.embedding_size, mlp=settings['prompt_mlp'] == 'True')
    names = {'prompt.embedding': 'embedding.weight'}
    names |= {f'prompt.mlp.{i + 1}.{part}': f'mlp.{i}.{part}' for i in (0, 2) for part in ('weight', 'bias')}
    prompt.load_state_dict({names[name]: t for name, t in tensors.items() if name.startswith('prompt.')})
    return prompt.requires_grad_(False)()


def _to_length(ids: Tensor, like: Tensor) -> Tensor:
    return torch.nn.functional.pad(ids, (0, like.shape[1] - ids.shape[1]), value=IGNORED)
