import numpy as np
import pytest
import torch
from ctranslate2_writer import model_file
from transformers import WhisperConfig, WhisperModel

from mmalm.errors import MissingDataError
from mmalm.zoo import architecture, convert_whisper

TINY = architecture('zoo:whisper-tiny-en') | dict(
    vocab_size=12, num_mel_bins=4, d_model=8, encoder_layers=2, decoder_layers=1, encoder_attention_heads=2,
    decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, max_source_positions=6, max_target_positions=5,
    bos_token_id=1, eos_token_id=1, pad_token_id=1, decoder_start_token_id=2, suppress_tokens=None,
    begin_suppress_tokens=None,
)  # fmt: skip


@pytest.fixture
def model(monkeypatch):
    """A tiny random model; the converter takes it for the zoo's."""
    monkeypatch.setattr(convert_whisper, 'architecture', lambda name: dict(TINY))
    facts = {key: value for key, value in TINY.items() if key not in ('model_type', 'architectures')}
    network = WhisperModel(WhisperConfig(**facts)).eval()
    with torch.no_grad():
        for parameter in network.parameters():  # norms and biases start as ones and zeros, which could be swapped
            parameter.normal_()
    return network


def fused(model: WhisperModel) -> dict[str, np.ndarray]:
    """The model's tensors as CTranslate2 lays them out: q, k and v in one, k with a bias of zeros."""
    state = {name: value.numpy() for name, value in model.state_dict().items()}
    made = {'decoder/embeddings/weight': state['decoder.embed_tokens.weight']}

    def put(old: str, new: str, names: tuple[str, str] = ('weight', 'bias')) -> None:
        made[f'{new}/{names[0]}'], made[f'{new}/{names[1]}'] = state[f'{old}.weight'], state[f'{old}.bias']

    for side, depth in (('encoder', 2), ('decoder', 1)):
        made[f'{side}/position_encodings/encodings'] = state[f'{side}.embed_positions.weight']
        put(f'{side}.layer_norm', f'{side}/layer_norm', ('gamma', 'beta'))
        for n in range(depth):
            old, new = f'{side}.layers.{n}', f'{side}/layer_{n}'
            put(f'{old}.final_layer_norm', f'{new}/ffn/layer_norm', ('gamma', 'beta'))
            put(f'{old}.fc1', f'{new}/ffn/linear_0')
            put(f'{old}.fc2', f'{new}/ffn/linear_1')
            for theirs, ours in (('self_attn', 'self_attention'), ('encoder_attn', 'attention')):
                if f'{old}.{theirs}.q_proj.weight' not in state:
                    continue
                weights = [state[f'{old}.{theirs}.{p}_proj.weight'] for p in 'qkv']
                biases = [state.get(f'{old}.{theirs}.{p}_proj.bias', np.zeros(8, np.float32)) for p in 'qkv']
                cuts = [[0, 1, 2]] if theirs == 'self_attn' else [[0], [1, 2]]
                for i, rows in enumerate(cuts):
                    made[f'{new}/{ours}/linear_{i}/weight'] = np.concatenate([weights[r] for r in rows])
                    made[f'{new}/{ours}/linear_{i}/bias'] = np.concatenate([biases[r] for r in rows])
                put(f'{old}.{theirs}.out_proj', f'{new}/{ours}/linear_{len(cuts)}')
                put(f'{old}.{theirs}_layer_norm', f'{new}/{ours}/layer_norm', ('gamma', 'beta'))
    for name in ('conv1', 'conv2'):
        put(f'encoder.{name}', f'encoder/{name}')
    return made


def write(folder, model, specification='WhisperSpec', **changes):
    tensors = {name: value for name, value in (fused(model) | changes).items() if value is not None}
    (folder / 'model.bin').write_bytes(model_file(specification, tensors))
    (folder / 'tokenizer.json').write_text('{}')
    (folder / 'made').mkdir()
    return folder / 'model.bin', folder / 'made'


def test_every_tensor_comes_back(model):
    found = convert_whisper.tensors(fused(model), model.config)
    state = model.state_dict()
    assert set(found) == set(state)
    for name, value in state.items():
        assert np.array_equal(found[name], value.numpy()), name


def test_the_folder_loads_and_gives_the_same_states(model, tmp_path):
    member, folder = write(tmp_path, model)
    convert_whisper.convert(member, folder)
    assert {f.name for f in folder.iterdir()} == {
        'config.json', 'model.safetensors', 'preprocessor_config.json', 'tokenizer.json',
    }  # fmt: skip
    loaded = WhisperModel.from_pretrained(folder).eval()
    inputs = dict(input_features=torch.randn(1, 4, 12), decoder_input_ids=torch.tensor([[2, 5, 7]]))
    with torch.no_grad():
        expected, found = model(**inputs), loaded(**inputs)
    assert torch.equal(found.encoder_last_hidden_state, expected.encoder_last_hidden_state)
    assert torch.equal(found.last_hidden_state, expected.last_hidden_state)


def test_half_precision_becomes_float32(model, tmp_path):
    half = fused(model)['encoder/conv1/weight'].astype('<f2')
    member, folder = write(tmp_path, model, **{'encoder/conv1/weight': half})
    convert_whisper.convert(member, folder)
    weight = WhisperModel.from_pretrained(folder).encoder.conv1.weight
    assert weight.dtype == torch.float32
    assert np.array_equal(weight.detach().numpy(), half.astype(np.float32))


def test_another_kind_of_model_is_refused(model, tmp_path):
    member, folder = write(tmp_path, model, specification='TransformerSpec')
    with pytest.raises(MissingDataError, match="holds a 'TransformerSpec', no WhisperSpec"):
        convert_whisper.convert(member, folder)
    assert not list(folder.iterdir())
