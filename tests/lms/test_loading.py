"""Language models by name on the meta device: folder, hub cache, shipped data, in this order."""

import json
import shutil

import pytest
import torch
from no_network import cut_off
from tiny import save_tiny_lm

from mmalm.errors import ConfigError, MissingDataError
from mmalm.lms import CausalLM


@pytest.fixture(autouse=True)
def no_hub(monkeypatch, tmp_path):
    """An empty hub cache, and no network."""
    cut_off(monkeypatch, tmp_path / 'cache')
    return tmp_path / 'cache'


def on_meta(name, **options):
    with torch.device('meta'):
        return CausalLM(name, **options)


def parameters(lm):
    return sum(p.numel() for p in lm.parameters())


def test_a_hub_name_builds_without_network():
    lm = on_meta('facebook/opt-6.7b', dtype='bfloat16')
    assert (parameters(lm), lm.num_layers, lm.hidden_size) == (6_658_473_984, 32, 4096)
    assert {p.dtype for p in lm.parameters()} == {torch.bfloat16}
    assert all(p.is_meta for p in lm.parameters())


def test_the_soft_prompt_of_opt_350m_is_narrower_than_its_layers():
    lm = on_meta('facebook/opt-350m')
    assert (parameters(lm), lm.embedding_size, lm.hidden_size) == (331_196_416, 512, 1024)


@pytest.mark.parametrize('name', ['gpt2', 'Qwen/Qwen2.5-0.5B-Instruct', 'meta-llama/Llama-3.2-1B'])
def test_every_kind_that_can_be_injected_into(name):
    assert on_meta(name).injector(None) is not None


def test_the_hub_cache_wins(no_hub, tmp_path):
    snapshot = no_hub / 'models--facebook--opt-6.7b' / 'snapshots' / 'abc'
    shutil.copytree(save_tiny_lm(tmp_path / 'lm', 'opt'), snapshot)
    (snapshot.parents[1] / 'refs').mkdir()
    (snapshot.parents[1] / 'refs' / 'main').write_text('abc')
    assert on_meta('facebook/opt-6.7b').num_layers == 6


def test_a_local_folder_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = save_tiny_lm(tmp_path / 'facebook' / 'opt-6.7b', 'opt')
    config = json.loads((folder / 'config.json').read_text())
    (folder / 'config.json').write_text(json.dumps({**config, 'num_hidden_layers': 3}))
    assert on_meta('facebook/opt-6.7b').num_layers == 3
    (folder / 'config.json').unlink()
    with pytest.raises(MissingDataError, match='does not hold a model'):
        on_meta('facebook/opt-6.7b')


def test_an_unknown_name_brings_the_closest_that_are_known():
    with pytest.raises(MissingDataError, match=r"(?s)'facebook/opt-2.7' is not a local.*mean 'facebook/opt-2.7b' or"):
        on_meta('facebook/opt-2.7')


def test_the_shipped_architecture_is_not_taken_for_weights():
    with pytest.raises(MissingDataError, match='hf download facebook/opt-125m') as caught:
        CausalLM('facebook/opt-125m')
    assert 'Did you mean' not in str(caught.value)


def test_an_added_token_takes_a_row_to_spare(tmp_path):
    folder = str(save_tiny_lm(tmp_path / 'lm', 'opt'))
    plain, added = CausalLM(folder).tokenizer, CausalLM(folder, added_tokens=['</a>']).tokenizer
    text = 'what is this </a> a bird'
    assert added(text)['input_ids'].count(len(plain)) == 1 and len(plain) not in plain(text)['input_ids']
    assert len(added) == len(plain) + 1


def test_more_added_tokens_than_rows_are_refused(tmp_path):
    folder = str(save_tiny_lm(tmp_path / 'lm', 'opt'))
    lm = CausalLM(folder, added_tokens=[f'<{i}>' for i in range(101)])
    with pytest.raises(ConfigError, match=r'make 1\d\d tokens, and .* embeds 101'):
        lm.tokenizer  # noqa: B018
