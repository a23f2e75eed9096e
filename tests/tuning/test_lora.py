"""LoRA: added to every kind of language model, from outside its fingerprint, trained alone."""

import pytest
import torch
from tiny import LAYERS, LM_CONFIGS, WIDTH, padded_texts, tiny_lm
from torch import nn

from mmalm.errors import ConfigError
from mmalm.injection import Injected
from mmalm.lms import CausalLM
from mmalm.tuning import LoRA
from mmalm.zoo.fingerprint import fingerprint

TEXTS = padded_texts()


def targets(kind: str) -> list[str]:
    return ['*.attn.c_attn', '*.mlp.c_proj'] if kind == 'gpt2' else ['*.q_proj', '*.v_proj']


def added(lm: CausalLM) -> dict[str, nn.Parameter]:
    return {name: p for name, p in lm.named_parameters() if '.lora_' in name}


def switched_on(lm: CausalLM, lora: LoRA, name: str = 'default') -> Injected:
    lora.put_on(lm, name)
    return Injected(lm.injector(None), adapters=[lora])


@pytest.mark.parametrize('kind', LM_CONFIGS)
def test_every_kind_of_language_model(kind: str) -> None:
    lm = tiny_lm(kind)
    ids, mask = TEXTS['right'], TEXTS['right_mask']
    plain, base = lm(ids, mask), lm.base_model()
    on = switched_on(lm, LoRA(targets(kind), rank=2))
    assert len(added(lm)) == 2 * 2 * LAYERS
    real = mask.bool()
    torch.testing.assert_close(
        lm(ids, mask, injection=on)[real], plain[real], atol=1e-5, rtol=0
    )  # B is zero at the start
    assert lm.base_model() == base
    for parameter in added(lm).values():
        parameter.requires_grad_(True)
        nn.init.normal_(parameter, std=0.3)
    assert torch.equal(lm(ids, mask), plain)
    changed = lm(ids, mask, injection=on)
    assert (changed - plain).abs().max() > 0.1
    changed.logsumexp(-1).sum().backward()
    assert all(p.grad.abs().max() > 0 for p in added(lm).values())
    with torch.no_grad():
        for i, length in enumerate(TEXTS['lengths']):
            alone = lm(ids[i : i + 1, :length], injection=on)[0]
            torch.testing.assert_close(changed[i, :length], alone, atol=5e-5, rtol=0)
    options = {'max_new_tokens': 4, 'eos_token_id': None, 'injection': on}
    assert torch.equal(lm.generate(ids, mask, **options), lm.generate(ids, mask, use_cache=False, **options))


def test_the_update_is_alpha_over_rank_b_a_x() -> None:
    lm = tiny_lm('llama')
    lora = LoRA(['*.layers.1.self_attn.q_proj'], rank=4, alpha=6.0)
    lora.put_on(lm)
    assert [lora.at(layer) is not None for layer in range(LAYERS)] == [layer == 1 for layer in range(LAYERS)]
    (a, b), projection = added(lm).values(), lm.anatomy.layers[1].self_attn.q_proj
    assert a.shape == (4, WIDTH) and b.shape == (WIDTH, 4)
    nn.init.normal_(b)
    x = torch.randn(3, WIDTH)
    expected = x @ projection.base_layer.weight.T + 1.5 * x @ a.T @ b.T
    assert torch.equal(projection(x), projection.base_layer(x))
    with lora.at(1)({}):
        torch.testing.assert_close(projection(x), expected, atol=1e-5, rtol=0)
    assert torch.equal(projection(x), projection.base_layer(x))


def test_two_on_one_model_are_each_switched_on_alone() -> None:
    ids, mask = TEXTS['right'], TEXTS['right_mask']
    both = tiny_lm('llama')
    plain = both(ids, mask)
    pair = {name: LoRA([pattern], rank=2) for name, pattern in (('image', '*.q_proj'), ('audio', '*.[qv]_proj'))}
    contexts = {name: switched_on(both, lora, name) for name, lora in pair.items()}
    assert pair['image'].trains == ['language_model.*.lora_*.image.*']
    for name, parameter in added(both).items():
        torch.manual_seed(len(name))
        nn.init.normal_(parameter, std=0.3)
    for name, pattern in (('image', '*.q_proj'), ('audio', '*.[qv]_proj')):
        alone = tiny_lm('llama')
        single = switched_on(alone, LoRA([pattern], rank=2), name)
        with torch.no_grad():
            seen = both(ids, mask, injection=contexts[name])
            copied = {key: p for key, p in added(both).items() if f'.{name}.' in key}
            for key, parameter in added(alone).items():
                parameter.copy_(copied[key])
            assert torch.equal(seen, alone(ids, mask, injection=single))
            assert (seen - plain).abs().max() > 0.1
    assert torch.equal(both(ids, mask), plain)


def test_recomputed_layers_are_updated_too() -> None:
    ids, mask = TEXTS['right'], TEXTS['right_mask']
    gradients = []
    for recompute in (False, True):
        lm = tiny_lm('llama')
        lm.gradient_checkpointing = recompute
        on = switched_on(lm, LoRA(['*.q_proj'], rank=2))
        for name, parameter in added(lm).items():
            torch.manual_seed(len(name))
            nn.init.normal_(parameter.requires_grad_(True), std=0.3)
        lm(ids, mask, injection=on).logsumexp(-1).sum().backward()
        gradients.append([p.grad for p in added(lm).values()])
    for plain, recomputed in zip(*gradients, strict=True):
        torch.testing.assert_close(plain, recomputed)


def test_a_range_of_layers() -> None:
    lm = tiny_lm('opt')
    LoRA(['*_proj', '*.fc2'], rank=1, layers=(1, 3)).put_on(lm)
    assert {name.split('.layers.')[1].split('.')[0] for name in added(lm)} == {'1', '2'}
    assert len(added(lm)) == 2 * 2 * 5


def test_updates_of_a_model_in_half_precision_are_float32() -> None:
    lm = tiny_lm('llama', dtype='bfloat16')
    LoRA(['*.q_proj']).put_on(lm)
    assert {p.dtype for p in added(lm).values()} == {torch.float32}
    assert lm(TEXTS['right'], TEXTS['right_mask']).dtype == torch.bfloat16


def test_on_the_meta_device() -> None:
    with torch.device('meta'):
        lm = CausalLM('facebook/opt-2.7b')
        LoRA(['*.q_proj', '*.v_proj'], rank=8).put_on(lm)
    assert sum(p.numel() for p in added(lm).values()) == 32 * 2 * 2 * 8 * 2560
    assert all(p.is_meta for p in lm.parameters()) and lm.base_model()['fingerprint'] == 'meta'


def test_the_fingerprint_is_of_the_weights_as_they_came() -> None:
    lm = CausalLM(config=LM_CONFIGS['llama'])
    came = fingerprint(lm.model)
    LoRA(['*.q_proj']).put_on(lm)
    nn.init.constant_(lm.anatomy.decoder.norm.weight, 3.0)
    assert fingerprint(lm.model) != came == lm.base_model()['fingerprint']


@pytest.mark.parametrize(
    ('pattern', 'message'),
    [
        ('*.q_prj', r"'\*.q_prj' matches no linear map.*Did you mean '\*.q_proj'"),
        ('lm_head', "'lm_head' matches no linear map in the layers"),
        ('*.input_layernorm', 'There are .*gate_proj'),
    ],
)
def test_a_target_that_matches_nothing(pattern: str, message: str) -> None:
    with pytest.raises(ConfigError, match='(?s)' + message):
        LoRA(['*.v_proj', pattern]).put_on(tiny_lm('llama'))


def test_values_that_cannot_be() -> None:
    with pytest.raises(ConfigError, match='targets is a list'):
        LoRA('*.q_proj')
    with pytest.raises(ConfigError, match='rank=0'):
        LoRA(['*.q_proj'], rank=0)
    with pytest.raises(ConfigError, match=r'layers=\(2, 7\).*6 layers'):
        LoRA(['*.q_proj'], layers=(2, 7)).put_on(tiny_lm('llama'))
