import pytest
import timm
import torch

from mmalm.errors import MissingDataError
from mmalm.zoo import architecture
from mmalm.zoo.convert_efficientnet import MODEL, convert, renamed


def layers(**shapes: tuple[int, ...]) -> dict[str, torch.Tensor]:
    return {name.replace('__', '.'): torch.rand(shape) for name, shape in shapes.items()}


def test_tensors_take_the_names_that_stand_in_the_same_place():
    source = layers(_stem__weight=(4, 3), _bn0__running_mean=(4,))
    found = renamed(source, layers(stem__weight=(4, 3), bn1__running_mean=(4,)))
    assert list(found) == ['stem.weight', 'bn1.running_mean']
    assert torch.equal(found['stem.weight'], source['_stem.weight'])
    assert torch.equal(found['bn1.running_mean'], source['_bn0.running_mean'])


@pytest.mark.parametrize(
    ('source', 'message'),
    [
        (layers(a__weight=(4, 3)), '1 tensors found, 2 expected'),
        (layers(a__weight=(4, 3), b__bias=(5,)), r'b.bias \(5,\) stands where d.bias \(4,\) is expected'),
        (layers(a__weight=(4, 3), b__running_var=(4,)), r'b.running_var \(4,\) stands where d.bias \(4,\)'),
    ],
)
def test_another_network_is_refused(source, message):
    with pytest.raises(MissingDataError, match=message):
        renamed(source, layers(c__weight=(4, 3), d__bias=(4,)))


@pytest.fixture(scope='module')
def converted(tmp_path_factory):
    """A random network, and the folder made of its state dict under other names."""
    folder = tmp_path_factory.mktemp('zoo')
    torch.manual_seed(0)
    network = timm.create_model(MODEL).eval()
    state = {f'_{i}.{name.rpartition(".")[2]}': value for i, (name, value) in enumerate(network.state_dict().items())}
    torch.save(state, folder / 'weights.pth')
    (folder / 'made').mkdir()
    convert(folder / 'weights.pth', folder / 'made')
    return network, folder / 'made'


def test_the_folder_loads_in_timm_and_gives_the_same_output(converted):
    network, folder = converted
    loaded = timm.create_model(f'local-dir:{folder}', pretrained=True).eval()
    pixels = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(loaded(pixels), network(pixels))


def test_the_folder_states_the_statistics_of_the_weights(converted):
    model = timm.create_model(f'local-dir:{converted[1]}', pretrained=True)
    facts = timm.data.resolve_model_data_config(model)
    assert tuple(facts['mean']) == tuple(facts['std']) == (0.5, 0.5, 0.5)
    assert facts['interpolation'] == 'bicubic'
    assert tuple(facts['input_size']) == (3, 224, 224)


def test_the_architecture_known_without_weights_is_the_same():
    assert architecture('zoo:efficientnet-lite0')['architecture'] == MODEL
