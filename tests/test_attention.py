"""The mask's dense forms by hand, and all kernels against each other."""

import pytest
import torch

from mmalm.attention import (
    AttentionMask,
    attention,
    choose_backend,
    dense_bias,
    transformers_implementation,
    transformers_xformers,
)
from mmalm.errors import ConfigError

KEYS = torch.tensor([[1, 1, 0, 1], [1, 1, 1, 1]]).bool()
TREE = torch.tensor([[1, 0, 0], [1, 1, 0], [0, 0, 1]]).bool().expand(2, 3, 3)


def rows(mask: torch.Tensor) -> list[list[str]]:
    return [[''.join(str(int(v)) for v in row) for row in sample[0]] for sample in mask]


def test_causal() -> None:
    assert rows(AttentionMask(causal=True).dense(3, 3)) == [['100', '110', '111']]


def test_new_queries_stand_at_the_end_of_the_keys() -> None:
    assert rows(AttentionMask(causal=True).dense(2, 4)) == [['1110', '1111']]


def test_padding_is_never_seen() -> None:
    mask = AttentionMask(causal=True, keys=KEYS)
    assert rows(mask.dense(4, 4)) == [['1000', '1100', '1100', '1101'], ['1000', '1100', '1110', '1111']]


def test_prefix_sees_itself_only_unless_told() -> None:
    keys = torch.tensor([[1, 1, 0, 1]]).bool()
    assert rows(AttentionMask(causal=True, keys=keys, prefix=2).dense(4, 4))[0][:2] == ['1000', '1100']
    all_seen = AttentionMask(causal=True, keys=keys, prefix=2, prefix_sees_all=True)
    assert rows(all_seen.dense(4, 4)) == [['1111', '1111', '1100', '1101']]


def test_window_never_hides_the_prefix() -> None:
    mask = AttentionMask(causal=True, prefix=1, window=2)
    assert rows(mask.dense(5, 5)) == [['10000', '11000', '11100', '10110', '10011']]


def test_window_counts_positions_not_padding() -> None:
    keys = torch.tensor([[1, 0, 0, 1, 1]]).bool()
    mask = AttentionMask(causal=True, keys=keys, window=2, positions=torch.tensor([[0, 0, 0, 1, 2]]))
    assert rows(mask.dense(2, 5)) == [['10010', '00011']]


def test_branches_of_a_tree_see_what_they_grew_from_and_all_before_the_tree() -> None:
    tree = torch.tensor([[[1, 0, 0], [1, 1, 0], [0, 0, 1]]]).bool()
    assert rows(AttentionMask(causal=True, tree=tree).dense(3, 5)) == [['11100', '11110', '11001']]
    keys = torch.tensor([[0, 1, 1, 1, 1]]).bool()
    window = AttentionMask(causal=True, keys=keys, tree=tree, window=2, positions=torch.tensor([[0, 0, 1, 2, 1]]))
    assert rows(window.dense(3, 5)) == [['01100', '00110', '01001']]
    assert not AttentionMask(tree=tree).is_open and not AttentionMask(causal=True, tree=tree).is_plain_causal


def test_packed_and_packed_cross() -> None:
    assert rows(AttentionMask.packed([2, 1], causal=True).dense(3, 3)) == [['100', '110', '001']]
    assert rows(AttentionMask.packed([1, 2], [2, 1]).dense(3, 3)) == [['110', '001', '001']]


def test_packed_lengths_must_fit() -> None:
    with pytest.raises(ConfigError, match='do not add up to 4'):
        AttentionMask.packed([2, 1]).dense(4, 4)
    with pytest.raises(ConfigError, match='2 query segments but 1'):
        AttentionMask.packed([2, 1], [3])


def test_additive_is_zero_where_seen() -> None:
    additive = AttentionMask(causal=True).additive(2, 2, torch.float32)
    assert additive.tolist() == [[[[0.0, torch.finfo(torch.float32).min], [0.0, 0.0]]]]


MASKS = {
    'open': (AttentionMask(), 4),
    'causal': (AttentionMask(causal=True), 4),
    'cached': (AttentionMask(causal=True), 2),
    'decoding': (AttentionMask(causal=True), 1),
    'padded': (AttentionMask(causal=True, keys=KEYS), 4),
    'prefix': (AttentionMask(causal=True, keys=KEYS, prefix=1, prefix_sees_all=True), 4),
    'window': (AttentionMask(causal=True, prefix=1, window=2), 4),
    'tree': (AttentionMask(causal=True, keys=KEYS, tree=TREE), 3),
    'cross': (AttentionMask.cross(KEYS), 3),
    'packed': (AttentionMask.packed([1, 3], causal=True), 4),
}


@pytest.mark.parametrize('name', MASKS)
def test_kernels_agree(name: str) -> None:
    mask, queries = MASKS[name]
    q = torch.randn(2, 3, queries, 8)
    k, v = torch.randn(2, 3, 4, 8), torch.randn(2, 3, 4, 8)
    eager, sdpa = (attention(q, k, v, mask, backend) for backend in ('eager', 'sdpa'))
    torch.testing.assert_close(eager, sdpa, atol=1e-6, rtol=1e-5)
    if name != 'open':
        assert (eager - attention(q, k, v, None, 'eager')).abs().max() > 1e-3 or name == 'decoding'


@pytest.mark.parametrize('name', [name for name in MASKS if name != 'open'])
def test_xformers_masks_mean_the_same(name: str) -> None:
    pytest.importorskip('xformers.ops.fmha')
    mask, queries = MASKS[name]
    q = torch.randn(2, 3, queries, 8)
    bias = mask.xformers_bias(q, 4)
    if not isinstance(bias, torch.Tensor):
        bias = bias.materialize((2, 3, queries, 4))
    assert torch.equal(bias > -1, mask.dense(queries, 4).expand(2, 3, queries, 4))


def test_open_mask_needs_no_bias() -> None:
    pytest.importorskip('xformers.ops.fmha')
    assert AttentionMask().xformers_bias(torch.randn(1, 1, 2, 8), 2) is None


@pytest.mark.parametrize('given', ['none', 'mask', 'bool', 'additive'])
def test_a_position_bias_is_added_to_the_scores(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def kernel(query, key, value, bias, scale, dropout):
        return torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=bias, scale=scale)

    monkeypatch.setattr('mmalm.attention._xformers', kernel)
    q, k, v, bias = *torch.randn(3, 2, 4, 4, 8), torch.randn(1, 4, 4, 4)
    mask = AttentionMask(causal=True, keys=KEYS)
    forms = {'none': None, 'mask': mask, 'bool': mask.dense(4, 4), 'additive': mask.additive(4, 4, torch.float32)}
    ours, _ = transformers_xformers(torch.nn.Module(), q, k, v, forms[given], scaling=1.0, position_bias=bias)
    seen = AttentionMask(causal=True) if given == 'none' else mask
    expected = (q @ k.mT + bias + seen.additive(4, 4, torch.float32)).softmax(-1) @ v
    torch.testing.assert_close(ours, expected.transpose(1, 2))


def test_dense_bias_rows_are_aligned() -> None:
    bias = dense_bias(torch.tensor([[[[True, False, True]]]]), torch.zeros(1, 2, 1, 8), 3)
    assert bias.shape == (1, 2, 1, 3) and bias.stride(-2) == 8
    assert (bias[0, 1, 0] == 0).tolist() == [True, False, True]


def test_auto_is_sdpa_without_cuda() -> None:
    assert choose_backend('auto', 'cpu') == 'sdpa'
    assert transformers_implementation('eager') == 'eager'


def test_unknown_and_impossible_backends_are_refused() -> None:
    with pytest.raises(ConfigError, match="unknown attention 'xformer'. Did you mean 'xformers'"):
        choose_backend('xformer', 'cpu')
    with pytest.raises(ConfigError, match='xformers'):
        choose_backend('xformers', 'cpu')


@pytest.mark.gpu
@pytest.mark.parametrize('name', MASKS)
def test_xformers_agrees_on_cuda(name: str) -> None:
    mask, queries = MASKS[name]
    keys = None if mask.keys is None else mask.keys.cuda()
    mask = AttentionMask(**{**mask.__dict__, 'keys': keys})
    batch = 1 if mask.segments else 2
    q, k, v = (torch.randn(batch, 3, n, 8, device='cuda') for n in (queries, 4, 4))
    expected = attention(q, k, v, mask, 'eager')
    torch.testing.assert_close(attention(q, k, v, mask, 'xformers'), expected, atol=1e-4, rtol=1e-3)


@pytest.mark.gpu
def test_transformers_function_on_cuda() -> None:
    q, k, v = torch.randn(2, 4, 5, 8).cuda(), torch.randn(2, 2, 5, 8).cuda(), torch.randn(2, 2, 5, 8).cuda()
    module = torch.nn.Module()
    module.num_key_value_groups = 2
    ours, _ = transformers_xformers(module, q, k, v, None, scaling=8**-0.5)
    k, v = k.repeat_interleave(2, 1), v.repeat_interleave(2, 1)
    expected = attention(q, k, v, AttentionMask(causal=True), 'eager').transpose(1, 2)
    torch.testing.assert_close(ours, expected, atol=1e-4, rtol=1e-3)
