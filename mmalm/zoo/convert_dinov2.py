"""DINOv2 ViT-S/14 from an ONNX file of DINOv2 with a saliency decoder behind it.

Its last block was tuned for saliency; blocks 10 and 11 describe content better.
"""

import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import save_file
from transformers import Dinov2Config, Dinov2Model

from ..errors import MissingDataError
from .names import architecture


def convert(member: Path, folder: Path) -> None:
    """Write a transformers folder of a ``Dinov2Model`` from the ONNX file ``member``."""
    graph = onnx.load(str(member)).graph
    values = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    state = {
        name.removeprefix('backbone.'): torch.from_numpy(value.copy())
        for name, value in values.items()
        if name.startswith('backbone.')
    }
    state |= _linear_weights(graph, values)
    state |= _tables(values)
    facts = architecture('zoo:dinov2-small')
    statistics = facts.pop('preprocessing')
    config = Dinov2Config(**{k: v for k, v in facts.items() if k != 'model_type'})
    # older key names are understood on loading only, so they go through a file
    with tempfile.TemporaryDirectory(dir=folder) as source:
        config.save_pretrained(source)
        save_file({k: v.contiguous() for k, v in state.items()}, Path(source) / 'model.safetensors', {'format': 'pt'})
        model, report = Dinov2Model.from_pretrained(source, output_loading_info=True)
    if report['missing_keys'] or report['unexpected_keys']:
        raise MissingDataError(
            f'dinov2-small: the weights do not fit: missing {report["missing_keys"]}, unexpected {report["unexpected_keys"]}.'
        )
    model.save_pretrained(folder)
    processor = {
        'image_processor_type': 'BitImageProcessor',
        'do_resize': True,
        'size': dict(zip(('height', 'width'), statistics['size'], strict=True)),
        'resample': 3,
        'do_rescale': True,
        'rescale_factor': 1 / 255,
        'do_normalize': True,
        'image_mean': statistics['mean'],
        'image_std': statistics['std'],
    }
    (folder / 'preprocessor_config.json').write_text(json.dumps(processor, indent=2) + '\n')


def _linear_weights(graph: onnx.GraphProto, values: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    # a linear layer is a MatMul node named after its module, with the weight transposed
    found = {}
    for node in graph.node:
        if node.op_type == 'MatMul' and node.name.startswith('/backbone/encoder/') and node.input[1] in values:
            path = node.name.removeprefix('/backbone/').removesuffix('/MatMul').replace('/', '.')
            found[path + '.weight'] = torch.from_numpy(values[node.input[1]].T.copy())
    return found


def _tables(values: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    # the position table was split into the class token's row, folded into a constant, and the patches' rows
    rows = [v for name, v in values.items() if not name.startswith('backbone.') and v.ndim == 3 and v.shape[-1] == 384]
    first = next(v for v in rows if v.shape == (1, 1, 384))
    patches = next(v for v in rows if v.shape == (1, 1369, 384))
    table = np.concatenate([first, patches], axis=1)
    return {
        'embeddings.position_embeddings': torch.from_numpy(table.copy()),
        'embeddings.mask_token': torch.zeros(1, 384),
    }
