"""EfficientNet-Lite0 on ImageNet-1k, from a PyTorch state dict into a folder that timm loads."""

import json
from pathlib import Path

import timm
import torch
from safetensors.torch import save_file

from ..errors import MissingDataError

MODEL = 'tf_efficientnet_lite0'
# what timm reads from a folder: the statistics the weights were trained with, and where the classifier is
FACTS = (
    'input_size',
    'fixed_input_size',
    'interpolation',
    'crop_pct',
    'crop_mode',
    'mean',
    'std',
    'num_classes',
    'pool_size',
    'first_conv',
    'classifier',
    'license',
)


def convert(member: Path, folder: Path) -> None:
    """Write a folder for ``timm.create_model('local-dir:FOLDER', pretrained=True)`` from the state dict ``member``."""
    source = torch.load(member, map_location='cpu', weights_only=True)
    model = timm.create_model(MODEL)
    save_file(renamed(source, model.state_dict()), folder / 'model.safetensors', {'format': 'pt'})
    config = {
        'architecture': MODEL,
        'num_classes': model.num_classes,
        'num_features': model.num_features,
        'pretrained_cfg': {name: model.pretrained_cfg[name] for name in FACTS},
    }
    (folder / 'config.json').write_text(json.dumps(config, indent=2) + '\n', encoding='utf-8')


def renamed(source: dict[str, torch.Tensor], target: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors of ``source`` under the names of ``target``: both list the same layers in the same order.

    Raises:
        MissingDataError: they differ in number, in a shape, or in what a layer's tensor is (weight, running mean, ..).
    """
    if len(source) != len(target):
        raise MissingDataError(f'efficientnet-lite0: {len(source)} tensors found, {len(target)} expected.')
    found = {}
    for (old, tensor), (new, expected) in zip(source.items(), target.items(), strict=True):
        if tensor.shape != expected.shape or old.rpartition('.')[2] != new.rpartition('.')[2]:
            raise MissingDataError(
                f'efficientnet-lite0: {old} {tuple(tensor.shape)} stands where {new} {tuple(expected.shape)} is expected.'
            )
        found[new] = tensor.contiguous()
    return found
