"""Checkpoints in the layout of the code released with eP-ALM, made of the recorded parity cases, and mmalm configs of the same."""

import json
from pathlib import Path

import torch
from mmengine.config import Config
from safetensors import safe_open
from tiny import tiny_tokenizer
from torch import Tensor

from mmalm.lms import CausalLM

CASES = Path(__file__).parent / 'data' / 'parity'


def read_case(name: str) -> tuple[dict, dict[str, Tensor]]:
    """Settings and tensors of a recorded case."""
    with safe_open(str(CASES / f'{name}.safetensors'), 'pt') as case:
        return case.metadata(), {key: case.get_tensor(key) for key in case.keys()}  # noqa: SIM118  (not a dict)


def released(settings: dict, tensors: dict[str, Tensor], prefix: str = '', **model: Tensor) -> dict:
    """What the released code saves, by ``torch.save``: weights by its names, optimizer, schedule, config, scores."""
    names = {'prompt.embedding': 'prompt_module.prefix_embedding.0.weight'}
    for i in (1, 3):
        names |= {f'prompt.mlp.{i}.{part}': f'prompt_module.prefix_embedding.{i}.{part}' for part in ('weight', 'bias')}
    state = {names.get(name, name): t for name, t in tensors.items() if name.startswith(('connector.', 'prompt.'))}
    weights = list(state.values())
    config = {
        'start_layer_idx': int(settings['start']),
        'end_layer_idx': int(settings['end']),
        'injected_hidden_states': len(tensors['features']),
        'text_step': int(settings['text_step']),
        'prompt_tuning': settings['prompt_len'] != '0',
        'prompt_len': int(settings['prompt_len']),
        'optimizer': {'opt': 'adamW', 'lr': 2e-5},
        'special_answer_token': '</a>',
    }
    if settings['prompt_mlp'] == 'False':
        config['mlp'] = False
    if settings['shared_connector'] == 'True':
        config['shared_connector'] = True
    return {
        'model': {prefix + name: t for name, t in {**state, **model}.items()},
        'optimizer': torch.optim.AdamW([torch.nn.Parameter(t) for t in weights]).state_dict(),
        'lr_scheduler': {
            'scheduler_groups': [0],
            'base_values': [2e-5, 1e-5],
            'param_group_field': 'lr',
            'metric': None,
        },
        'config': config,
        'epoch': 6,
        'best_valid': 54.25,
        'best_epoch': 5,
    }


def write_lm(folder: Path, settings: dict, tensors: dict[str, Tensor]) -> Path:
    """The case's language model as a hub model has it."""
    lm = CausalLM(config={'model_type': 'opt', 'dropout': 0.0, **json.loads(settings['lm_config'])})
    lm.model.load_state_dict(
        {n.removeprefix('lm.'): t for n, t in tensors.items() if n.startswith('lm.')}, strict=False
    )
    lm.model.tie_weights()
    lm.model.save_pretrained(folder)
    tiny_tokenizer(['what', 'is', 'this']).save_pretrained(folder)
    return folder


def own_config(settings: dict, tensors: dict[str, Tensor], lm: dict) -> Config:
    """The mmalm config of a case.

    Args:
        settings, tensors: of the case.
        lm: arguments of CausalLM.
    """
    levels, _, width = tensors['features'].shape
    vit = dict(
        model_type='vit',
        hidden_size=width,
        num_hidden_layers=levels,
        num_attention_heads=2,
        image_size=16,
        patch_size=8,
    )
    prompt = dict(type='SoftPrompt', length=int(settings['prompt_len']), mlp=settings['prompt_mlp'] == 'True')
    model = dict(
        type='AugmentedLM',
        encoder=dict(type='TransformersEncoder', config={**vit, 'intermediate_size': 16}, levels=levels),
        connector=dict(type='LinearConnector', shared=settings['shared_connector'] == 'True'),
        language_model=dict(type='CausalLM', **lm),
        schedule=dict(type='LayerwiseReplace', start=int(settings['start']), end=int(settings['end'])),
        soft_prompt=prompt if prompt['length'] else None,
        head=dict(type='GenerationHead', rank=False, generate=dict(max_new_tokens=2)),
    )
    return Config(dict(model=model))
