"""The deep prompt, in every kind of language model, alone and beside perceptual tokens."""

import pytest
import torch
from tiny import LAYERS, LM_CONFIGS, WIDTH, padded_texts, tiny_lm
from torch import Tensor

from mmalm.errors import ConfigError
from mmalm.injection import Injected, StaticTokens
from mmalm.injection.schedules import LayerwiseReplace
from mmalm.lms import CausalLM
from mmalm.registry import TUNERS

TEXTS = padded_texts()
LENGTH = 2
THREE = slice(0, 3)


def build(lm: CausalLM, **options):
    torch.manual_seed(4)
    sizes = dict(width=lm.embedding_size, hidden_size=lm.hidden_size, num_layers=lm.num_layers)
    return TUNERS.build({'type': 'DeepPrompt', 'length': LENGTH, 'init_std': 1.0, **options}, **sizes)


class Case:
    """A language model with a deep prompt, and perhaps two levels of perception from layer 1 on."""

    def __init__(self, kind: str, with_tokens: bool, **options) -> None:
        self.lm, self.with_tokens = tiny_lm(kind), with_tokens
        self.prompt = build(self.lm, **options)
        self.injector = self.lm.injector(LayerwiseReplace(1, 5).plan(LAYERS, 2) if with_tokens else None)
        self.tokens = torch.randn(3, 2, 1, WIDTH, generator=torch.Generator().manual_seed(3))

    def injection(self, samples: slice = THREE) -> Injected:
        return Injected(self.injector, StaticTokens(self.tokens[samples]) if self.with_tokens else None, self.prompt())

    @torch.no_grad()
    def logits(self, ids: Tensor, mask: Tensor | None = None, samples: slice = THREE, **options) -> Tensor:
        return self.lm(ids, mask, injection=self.injection(samples), **options)


@pytest.fixture(params=[False, True], ids=['alone', 'beside tokens'])
def with_tokens(request: pytest.FixtureRequest) -> bool:
    return request.param


@pytest.fixture(params=LM_CONFIGS)
def case(request: pytest.FixtureRequest, with_tokens: bool) -> Case:
    return Case(request.param, with_tokens)


def test_a_batch_padded_on_either_side_equals_single_samples(case: Case) -> None:
    right = case.logits(TEXTS['right'], TEXTS['right_mask'])
    left = case.logits(TEXTS['left'], TEXTS['left_mask'])
    for i, length in enumerate(TEXTS['lengths']):
        alone = case.logits(TEXTS['right'][i : i + 1, :length], samples=slice(i, i + 1))[0]
        torch.testing.assert_close(right[i, :length], alone, atol=5e-5, rtol=0)
        torch.testing.assert_close(left[i, -length:], alone, atol=5e-5, rtol=0)


@pytest.mark.parametrize('beams', [1, 3])
def test_generation_is_the_same_cached_and_uncached(case: Case, beams: int) -> None:
    options = {'max_new_tokens': 4, 'num_beams': beams, 'eos_token_id': None, 'injection': case.injection()}
    ids, mask = TEXTS['right'], TEXTS['right_mask']
    assert torch.equal(case.lm.generate(ids, mask, **options), case.lm.generate(ids, mask, use_cache=False, **options))


def test_states_are_replaced_before_the_layers_of_the_range_alone(with_tokens: bool) -> None:
    case = Case('opt-post-norm', with_tokens, layers=(2, 4))
    entering = []
    hooks = [  # the last to be asked, so that they see what the layer does
        layer.self_attn.register_forward_pre_hook(
            lambda _, args, given: entering.append(given['hidden_states']), with_kwargs=True
        )
        for layer in case.lm.anatomy.layers
    ]
    case.logits(TEXTS['left'], TEXTS['left_mask'])
    for hook in hooks:
        hook.remove()
    states = case.prompt.states
    assert states.shape == (2, LENGTH, WIDTH)
    for layer, hidden in enumerate(entering):
        held = int(with_tokens and layer >= 1)  # post-norm: attention is given what enters the layer
        replaced = [
            torch.equal(row, states[layer - 2]) if layer in (2, 3) else False for row in hidden[:, held : held + LENGTH]
        ]
        assert replaced == [layer in (2, 3)] * 3


def test_every_vector_matters_and_gets_a_gradient(case: Case) -> None:
    logits = case.lm(TEXTS['left'], TEXTS['left_mask'], injection=case.injection())
    logits[TEXTS['left_mask'].bool()].square().mean().backward()
    assert case.prompt.states.shape == (LAYERS - 1, LENGTH, WIDTH)
    assert case.prompt.states.grad.abs().amax(-1).min() > 0
    assert case.prompt.embedding.weight.grad.abs().amax(-1).min() > 0


def test_parameters_by_layer() -> None:
    lm = tiny_lm('opt-post-norm')  # embeddings of 16, states of 32
    assert sum(p.numel() for p in build(lm).parameters()) == LENGTH * (16 + 5 * 32)
    assert sum(p.numel() for p in build(lm, layers=(3, 4)).parameters()) == LENGTH * (16 + 32)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'length': 0}, 'soft_prompt=None'),
        ({'layers': (0, 3)}, 'layer 0 sees'),
        ({'layers': (3, 3)}, r'layers=\(3, 3\)'),
        ({'layers': (3, 7)}, 'of 6 layers'),
    ],
)
def test_what_cannot_be_is_refused(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(tiny_lm('llama'), **options)
