"""Whisper tiny.en from a CTranslate2 folder, as ordinary float32 weights."""

import shutil
from pathlib import Path

import numpy as np
import torch
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

from ..errors import MissingDataError
from .ctranslate2 import read_model
from .names import architecture

# names of one layer: CTranslate2's, transformers'; attention is spelt out below
NORMS = {'gamma': 'weight', 'beta': 'bias'}
FEED_FORWARD = {'ffn/layer_norm': 'final_layer_norm', 'ffn/linear_0': 'fc1', 'ffn/linear_1': 'fc2'}
ATTENTIONS = {'self_attention': ('self_attn', 'self_attn_layer_norm')}
CROSS = {'attention': ('encoder_attn', 'encoder_attn_layer_norm')}


def convert(member: Path, folder: Path) -> None:
    """Write a transformers folder of a ``WhisperModel``, its tokenizer and feature extractor from ``model.bin``."""
    specification, source = read_model(member)
    if specification != 'WhisperSpec':
        raise MissingDataError(f'whisper-tiny-en: {member.name} holds a {specification!r}, no WhisperSpec.')
    facts = architecture('zoo:whisper-tiny-en')
    config = WhisperConfig(**{key: value for key, value in facts.items() if key not in ('model_type', 'architectures')})
    model = WhisperModel(config)
    state = {name: torch.from_numpy(value.astype(np.float32)) for name, value in tensors(source, config).items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    if missing or unexpected:
        raise MissingDataError(f'whisper-tiny-en: the weights do not fit: missing {missing}, unexpected {unexpected}.')
    model.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=config.num_mel_bins).save_pretrained(folder)
    shutil.copy(member.with_name('tokenizer.json'), folder)


def tensors(source: dict[str, np.ndarray], config: WhisperConfig) -> dict[str, np.ndarray]:
    """CTranslate2's tensors under transformers' names, fused projections taken apart."""
    found = {}
    for side, depth in (('encoder', config.encoder_layers), ('decoder', config.decoder_layers)):
        found[f'{side}.embed_positions.weight'] = source[f'{side}/position_encodings/encodings']
        _norm(found, f'{side}.layer_norm', source, f'{side}/layer_norm')
        for number in range(depth):
            here, there = f'{side}/layer_{number}', f'{side}.layers.{number}'
            for old, new in FEED_FORWARD.items():
                copy = _norm if old.endswith('norm') else _linear
                copy(found, f'{there}.{new}', source, f'{here}/{old}')
            for old, (new, norm) in (ATTENTIONS | (CROSS if side == 'decoder' else {})).items():
                _attention(found, f'{there}.{new}', source, f'{here}/{old}', config.d_model)
                _norm(found, f'{there}.{norm}', source, f'{here}/{old}/layer_norm')
    for name in ('conv1', 'conv2'):
        _linear(found, f'encoder.{name}', source, f'encoder/{name}')
    found['decoder.embed_tokens.weight'] = source['decoder/embeddings/weight']
    return found


def _attention(found: dict, new: str, source: dict, old: str, width: int) -> None:
    # linear_0 holds q, k, v one below the other; in cross-attention linear_0 holds q, linear_1 k and v
    fused = [source[f'{old}/linear_{n}/weight'] for n in range(2)]
    biases = [source[f'{old}/linear_{n}/bias'] for n in range(2)]
    cross = len(fused[0]) == width
    weight = np.concatenate(fused) if cross else fused[0]
    bias = np.concatenate(biases) if cross else biases[0]
    for place, name in enumerate('qkv'):
        rows = slice(place * width, (place + 1) * width)
        found[f'{new}.{name}_proj.weight'] = weight[rows]
        if name != 'k':  # Whisper's keys have no bias; the fused one is zero there
            found[f'{new}.{name}_proj.bias'] = bias[rows]
    _linear(found, f'{new}.out_proj', source, f'{old}/linear_{2 if cross else 1}')


def _linear(found: dict, new: str, source: dict, old: str) -> None:
    for name in ('weight', 'bias'):
        found[f'{new}.{name}'] = source[f'{old}/{name}']


def _norm(found: dict, new: str, source: dict, old: str) -> None:
    for name, renamed in NORMS.items():
        found[f'{new}.{renamed}'] = source[f'{old}/{name}']
