"""Verifying what was fetched: every file against its checksum, every model by running it once."""

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import torch

from .catalog import Item
from .quiet import quiet
from .store import changes, item_folder, read_manifest

TOLERANCE = 1e-3


def verify(item: Item) -> list[str]:
    """What is wrong with the item on disk; empty when all is well."""
    manifest = read_manifest(item.name)
    if manifest is None:
        return [f'not fetched: python tools/zoo.py fetch {item.name}']
    folder = item_folder(item.name)
    faults = changes(folder, manifest)
    if not faults and item.name in PROBES:
        faults = _probe(item, folder)
    if faults:
        faults.append(f'make it anew: python tools/zoo.py fetch {item.name}')
    return faults


def _probe(item: Item, folder: Path) -> list[str]:
    recorded = json.loads((resources.files(__package__) / 'probes.json').read_text(encoding='utf-8')).get(item.name)
    with torch.no_grad(), quiet():
        found = PROBES[item.name](folder)
    if recorded is None:
        return [f'no recorded output to compare with; found {found}']
    difference = max(abs(a - b) for a, b in zip(found, recorded, strict=True))
    return [] if difference <= TOLERANCE else [f'its output differs from the recorded one by {difference:.2e}']


def _first_values(tensor: torch.Tensor) -> list[float]:
    return [round(v, 6) for v in tensor.flatten()[:8].double().tolist()]


def _dinov2(folder: Path) -> list[float]:
    from transformers import AutoModel

    ramp = torch.linspace(-2, 2, 3 * 224 * 224).view(1, 3, 224, 224)
    return _first_values(AutoModel.from_pretrained(folder)(ramp).last_hidden_state[0, 0])


def _causal_lm(folder: Path) -> list[float]:
    from transformers import AutoModelForCausalLM

    return _first_values(AutoModelForCausalLM.from_pretrained(folder)(torch.tensor([[504, 2365, 282]])).logits[0, -1])


def _text_encoder(folder: Path) -> list[float]:
    from transformers import AutoModel

    return _first_values(
        AutoModel.from_pretrained(folder)(torch.tensor([[101, 1037, 3899, 102]])).last_hidden_state[0, 0]
    )


def _cnn(folder: Path) -> list[float]:
    import timm

    ramp = torch.linspace(-2, 2, 3 * 224 * 224).view(1, 3, 224, 224)
    model = timm.create_model(f'local-dir:{folder}', pretrained=True).eval()
    return _first_values(model(ramp))


def _audio_encoder(folder: Path) -> list[float]:
    from transformers import WhisperModel

    ramp = torch.linspace(-1, 1, 80 * 3000).view(1, 80, 3000)
    return _first_values(WhisperModel.from_pretrained(folder).encoder(ramp).last_hidden_state[0, 0])


PROBES: dict[str, Callable[[Path], list[float]]] = {
    'dinov2-small': _dinov2,
    'smollm2-135m-instruct': _causal_lm,
    'minilm-l6': _text_encoder,
    'efficientnet-lite0': _cnn,
    'whisper-tiny-en': _audio_encoder,
}
