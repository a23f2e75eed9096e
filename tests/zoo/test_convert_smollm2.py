import json

import gguf
import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from mmalm.zoo.convert_smollm2 import convert

Q4_1 = gguf.GGMLQuantizationType.Q4_1
TOKENS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', 'a', 'b', 'ab', 'Ġ', 'c']
NAMES = {
    'self_attn.q_proj': 'attn_q',
    'self_attn.k_proj': 'attn_k',
    'self_attn.v_proj': 'attn_v',
    'self_attn.o_proj': 'attn_output',
    'mlp.gate_proj': 'ffn_gate',
    'mlp.up_proj': 'ffn_up',
    'mlp.down_proj': 'ffn_down',
    'input_layernorm': 'attn_norm',
    'post_attention_layernorm': 'ffn_norm',
}


@pytest.fixture
def model():
    config = LlamaConfig(
        vocab_size=len(TOKENS), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=64, rms_norm_eps=1e-5, tie_word_embeddings=True,
        bos_token_id=1, eos_token_id=2, pad_token_id=2,
    )  # fmt: skip
    return LlamaForCausalLM(config).eval()


def by_pairs(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows as GGUF keeps them for rotary positions: the two halves of a head interleaved."""
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def write(model, file):
    """The model as a 4-bit GGUF file; its own weights become what the 4 bits say."""
    writer = gguf.GGUFWriter(file, 'llama')
    writer.add_block_count(2)
    writer.add_context_length(64)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(64)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(TOKENS))
    writer.add_tokenizer_model('gpt2')
    writer.add_token_list(TOKENS)
    writer.add_token_types([3, 3, 3, 1, 1, 1, 1, 1])
    writer.add_token_merges(['a b'])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(2)
    writer.add_chat_template('{% for m in messages %}<|im_start|>{{ m.content }}{% endfor %}')
    for name, parameter in model.named_parameters():
        value = parameter.detach().numpy()
        if name == 'model.embed_tokens.weight':
            writer.add_tensor('token_embd.weight', value.copy())
        elif name == 'model.norm.weight':
            writer.add_tensor('output_norm.weight', value.copy())
        else:
            _, _, layer, rest = name.split('.', 3)
            part = rest.removesuffix('.weight')
            target = f'blk.{layer}.{NAMES[part]}.weight'
            if value.ndim == 1:
                writer.add_tensor(target, value.copy())
                continue
            bits = gguf.quants.quantize(value, Q4_1)
            parameter.data = torch.from_numpy(gguf.quants.dequantize(bits, Q4_1).copy())
            heads = {'self_attn.q_proj': 2, 'self_attn.k_proj': 1}.get(part)
            # rows are quantised one by one, so their order may change afterwards
            writer.add_tensor(target, by_pairs(bits, heads) if heads else bits, raw_dtype=Q4_1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_the_folder_loads_as_an_ordinary_model_with_the_same_outputs(model, tmp_path):
    write(model, tmp_path / 'tiny.gguf')
    folder = tmp_path / 'made'
    folder.mkdir()
    convert(tmp_path / 'tiny.gguf', folder)
    assert 'quantization_config' not in json.loads((folder / 'config.json').read_text())
    loaded = AutoModelForCausalLM.from_pretrained(folder)
    assert type(loaded) is LlamaForCausalLM and loaded.dtype == torch.float32
    ids = torch.tensor([[1, 3, 5, 4, 7, 2]])
    with torch.no_grad():
        torch.testing.assert_close(loaded(ids).logits, model(ids).logits, rtol=0, atol=1e-6)

    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer('abc', add_special_tokens=False).input_ids == [5, 7]
    assert (tokenizer.bos_token, tokenizer.eos_token) == ('<|im_start|>', '<|im_end|>') and tokenizer.chat_template
