import json

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import load_file
from transformers import AutoImageProcessor, Dinov2Config, Dinov2Model

from mmalm.errors import MissingDataError
from mmalm.zoo import architecture, convert_dinov2

ONE_LAYER = architecture('zoo:dinov2-small') | {'num_hidden_layers': 1}


@pytest.fixture(scope='module')
def source(tmp_path_factory):
    """A random one-layer model, and its tensors under the names checkpoints have on disk."""
    folder = tmp_path_factory.mktemp('source')
    torch.manual_seed(0)
    facts = {key: value for key, value in ONE_LAYER.items() if key not in ('model_type', 'preprocessing')}
    model = Dinov2Model(Dinov2Config(**facts)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.1)
        model.embeddings.mask_token.zero_()
    model.save_pretrained(folder)
    return model, {name: value.numpy() for name, value in load_file(folder / 'model.safetensors').items()}


@pytest.fixture(autouse=True)
def one_layer(monkeypatch):
    monkeypatch.setattr(convert_dinov2, 'architecture', lambda name: dict(ONE_LAYER))


def write(file, tensors):
    """An ONNX file as exporters leave it: linear weights transposed at MatMul nodes, the position table in two."""
    initializers, nodes = [], []
    for name, value in tensors.items():
        if name == 'embeddings.mask_token':
            continue
        if name == 'embeddings.position_embeddings':
            initializers += [numpy_helper.from_array(value[:, :1], 'folded_1')]
            initializers += [numpy_helper.from_array(value[:, 1:].copy(), 'folded_2')]
        elif name.startswith('encoder.') and name.endswith('.weight') and value.ndim == 2:
            number = f'onnx::MatMul_{len(nodes)}'
            initializers.append(numpy_helper.from_array(value.T.copy(), number))
            path = '/backbone/' + name.removesuffix('.weight').replace('.', '/') + '/MatMul'
            nodes.append(helper.make_node('MatMul', ['x', number], [f'y{len(nodes)}'], name=path))
        else:
            initializers.append(numpy_helper.from_array(value, f'backbone.{name}'))
    # the decoder behind it, which is left out
    initializers.append(numpy_helper.from_array(np.ones((1, 384), np.float32), 'decoder.weight'))
    shape = [helper.make_tensor_value_info('x', TensorProto.FLOAT, [1, 384])]
    onnx.save(helper.make_model(helper.make_graph(nodes, 'tiny', shape, [], initializers)), str(file))
    return file


def test_the_folder_loads_and_gives_the_same_states(source, tmp_path):
    model, tensors = source
    (tmp_path / 'made').mkdir()
    convert_dinov2.convert(write(tmp_path / 'model.onnx', tensors), tmp_path / 'made')
    loaded = Dinov2Model.from_pretrained(tmp_path / 'made').eval()
    pixels = torch.randn(1, 3, 28, 28)
    with torch.no_grad():
        assert torch.equal(loaded(pixels).last_hidden_state, model(pixels).last_hidden_state)
    assert sorted(f.name for f in (tmp_path / 'made').iterdir()) == [
        'config.json', 'model.safetensors', 'preprocessor_config.json',
    ]  # fmt: skip
    assert 'preprocessing' not in json.loads((tmp_path / 'made' / 'config.json').read_text())


def test_the_folder_states_size_and_statistics(source, tmp_path):
    convert_dinov2.convert(write(tmp_path / 'model.onnx', source[1]), tmp_path)
    processor = AutoImageProcessor.from_pretrained(tmp_path)
    assert dict(processor.size) == {'height': 224, 'width': 224}
    assert list(processor.image_mean) == [0.485, 0.456, 0.406]
    assert list(processor.image_std) == [0.229, 0.224, 0.225]
    assert processor.resample == 3  # bicubic


def test_a_file_that_lacks_a_tensor_is_refused(source, tmp_path):
    tensors = {name: value for name, value in source[1].items() if name != 'layernorm.weight'}
    with pytest.raises(MissingDataError, match=r'the weights do not fit: missing .*layernorm\.weight'):
        convert_dinov2.convert(write(tmp_path / 'model.onnx', tensors), tmp_path)
