"""Bottleneck adapters: every kind at every place in every kind of language model, against modules wrapped as MAGMA wraps them."""

import pytest
import torch
from tiny import LAYERS, LM_CONFIGS, WIDTH, padded_texts, tiny_lm
from torch import Tensor, nn

from mmalm.errors import ConfigError
from mmalm.injection import Injected, StaticTokens
from mmalm.injection.schedules import LayerwiseReplace
from mmalm.lms import CausalLM
from mmalm.registry import TUNERS

TEXTS = padded_texts()
KINDS = ('normal', 'parallel', 'scaled_parallel')
PLACES = ('attention', 'mlp')
SIX = [(kind, place) for place in PLACES for kind in KINDS]
THREE = slice(0, 3)


def build(lm: CausalLM | None = None, place: str = 'mlp', **options) -> nn.Module:
    torch.manual_seed(4)
    sizes = dict(hidden_size=WIDTH, num_layers=LAYERS)
    if lm is not None:
        sizes = dict(hidden_size=lm.hidden_size, num_layers=lm.num_layers)
    return TUNERS.build({'type': 'BottleneckAdapter', 'place': place, **options}, **sizes)


def strong(lm: CausalLM, place: str, **options) -> nn.Module:
    """One whose every difference shows."""
    adapter = build(lm, place, init_std=0.3, **options)
    for name, parameter in adapter.named_parameters():
        if name.endswith('scale'):
            nn.init.constant_(parameter, 0.7)
    return adapter


class Wrapped(nn.Module):
    """A module with an adapter around it: what a model looks like whose own modules are replaced."""

    def __init__(self, module: nn.Module, change, entry: 'Wrapped | None' = None):
        super().__init__()
        self.module, self.change, self.entry = module, change, entry
        self.given: Tensor | None = None

    def forward(self, *args, **kwargs):
        self.given = args[0] if args else kwargs['hidden_states']
        output = self.module(*args, **kwargs)
        entered = self.given if self.entry is None else self.entry.given
        if isinstance(output, tuple):
            return (self.change(entered, output[0]), *output[1:])
        return self.change(entered, output)


def wrap(lm: CausalLM, adapter: nn.Module) -> None:
    """Replace the model's own modules by wrapped ones."""
    names = {'attention': ('self_attn', 'attn'), 'mlp': ('mlp',)}[adapter.place]
    for index, layer in enumerate(lm.anatomy.layers):
        change = adapter.layers[str(index)]
        if adapter.place == 'mlp' and hasattr(layer, 'fc1'):
            layer.fc1 = Wrapped(layer.fc1, lambda entered, left: left)
            layer.fc2 = Wrapped(layer.fc2, change, layer.fc1)
            continue
        name = next(n for n in names if hasattr(layer, n))
        setattr(layer, name, Wrapped(getattr(layer, name), change))


@pytest.mark.parametrize(('kind', 'place'), SIX)
@pytest.mark.parametrize('lm_kind', LM_CONFIGS)
def test_equals_a_model_whose_modules_are_wrapped(lm_kind: str, kind: str, place: str) -> None:
    lm, wrapped = tiny_lm(lm_kind), tiny_lm(lm_kind)
    adapter = strong(lm, place, kind=kind)
    wrap(wrapped, adapter)
    with torch.no_grad():
        plain = lm(TEXTS['left'], TEXTS['left_mask'])
        found = lm(TEXTS['left'], TEXTS['left_mask'], injection=Injected(lm.injector(None), adapters=(adapter,)))
        assert torch.equal(found, wrapped(TEXTS['left'], TEXTS['left_mask']))
        assert (found - plain).abs().max() > 0.5
        assert torch.equal(lm(TEXTS['left'], TEXTS['left_mask']), plain)  # nothing of it stays


def test_formulas() -> None:
    entered, left = torch.randn(2, 5, WIDTH), torch.randn(2, 5, WIDTH)
    for kind, source, scale in (('normal', left, 1), ('parallel', entered, 1), ('scaled_parallel', entered, 0.5)):
        one = build(kind=kind, init_std=0.3).layers['0']
        if one.scale is not None:
            assert one.scale.tolist() == [1.0]
            one.scale.data.fill_(0.5)
        hidden = torch.relu(source @ one.down.weight.T + one.down.bias)
        expected = left + scale * (hidden @ one.up.weight.T + one.up.bias)
        torch.testing.assert_close(one(entered, left), expected, atol=1e-5, rtol=0)
    normed = build(kind='parallel', layer_norm=True, activation='tanh', init_std=0.3).layers['0']
    normal = nn.functional.layer_norm(entered, (WIDTH,))
    expected = left + normed.up(torch.tanh(normed.down(normal)))
    torch.testing.assert_close(normed(entered, left), expected, atol=1e-5, rtol=0)


class Case:
    """A language model with all six adapters at once and two levels of perception from layer 1 on."""

    def __init__(self, kind: str, **options) -> None:
        self.lm = tiny_lm(kind, **options)
        self.adapters = tuple(strong(self.lm, place, kind=k) for k, place in SIX)
        self.injector = self.lm.injector(LayerwiseReplace(1, 5).plan(LAYERS, 2))
        self.tokens = torch.randn(3, 2, 1, WIDTH, generator=torch.Generator().manual_seed(3))

    def injection(self, samples: slice = THREE) -> Injected:
        return Injected(self.injector, StaticTokens(self.tokens[samples]), adapters=self.adapters)

    def logits(self, ids: Tensor, mask: Tensor | None = None, samples: slice = THREE) -> Tensor:
        return self.lm(ids, mask, injection=self.injection(samples))


@pytest.fixture(params=LM_CONFIGS)
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


def test_a_batch_padded_on_either_side_equals_single_samples(case: Case) -> None:
    with torch.no_grad():
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
    cached = case.lm.generate(ids, mask, **options)
    assert torch.equal(cached, case.lm.generate(ids, mask, use_cache=False, **options))
    plain = case.lm.generate(ids, mask, max_new_tokens=4, num_beams=beams, eos_token_id=None)
    assert not torch.equal(cached, plain)


@pytest.mark.parametrize('kind', ['opt', 'gpt2', 'llama'])
def test_gradients_are_the_same_with_recomputed_layers(kind: str) -> None:
    found = []
    for checkpointing in (False, True):
        case = Case(kind, gradient_checkpointing=checkpointing)
        # the injection is closed before backward recomputes
        case.logits(TEXTS['right'], TEXTS['right_mask']).logsumexp(-1).sum().backward()
        found.append([p.grad for adapter in case.adapters for p in adapter.parameters()])
    assert all(g is not None and g.abs().max() > 0 for g in found[0])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


def test_the_start_is_nearly_the_language_model() -> None:
    adapter = build()
    for parameter in adapter.layers['2'].down.parameters():
        assert parameter.abs().max() <= 2e-3
    wide = TUNERS.build({'type': 'BottleneckAdapter', 'place': 'mlp'}, hidden_size=400, num_layers=1).layers['0']
    weights = wide.down.weight.detach()
    # a normal distribution has 4.55 % beyond two deviations: they are clipped to them, and the deviation is 0.959 of it
    assert (weights.abs() >= 0.002 - 1e-9).float().mean().item() == pytest.approx(0.0455, abs=0.005)
    assert weights.std().item() == pytest.approx(0.959e-3, rel=0.02)
    lm = tiny_lm('llama')
    with torch.no_grad():
        plain = lm(TEXTS['right'], TEXTS['right_mask'])
        found = lm(TEXTS['right'], TEXTS['right_mask'], injection=Injected(lm.injector(None), adapters=(adapter,)))
    assert 0 < (found - plain).abs().max() < 0.1


@pytest.mark.parametrize(
    ('model', 'reduction', 'parameters'),
    [
        ('facebook/opt-2.7b', 4, 104_960_000),
        ('facebook/opt-6.7b', 4, 268_599_296),
        ('facebook/opt-2.7b', 8, 52_520_960),
        ('facebook/opt-6.7b', 8, 134_365_184),
    ],
)
def test_published_counts(model: str, reduction: int, parameters: int) -> None:
    with torch.device('meta'):
        adapter = build(CausalLM(model), reduction=reduction)
    assert sum(p.numel() for p in adapter.parameters()) == parameters


def test_a_range_of_layers() -> None:
    adapter = build(layers=(2, 4))
    assert [adapter.at(layer) is not None for layer in range(LAYERS)] == [False, False, True, True, False, False]
    assert {name.split('.')[1] for name, _ in adapter.named_parameters()} == {'2', '3'}


def test_a_language_model_in_half_precision_keeps_its_type() -> None:
    lm = tiny_lm('opt', dtype='bfloat16')
    adapter = build(lm)
    logits = lm(TEXTS['right'], TEXTS['right_mask'], injection=Injected(lm.injector(None), adapters=(adapter,)))
    assert logits.dtype == torch.bfloat16
    logits.sum().backward()
    assert adapter.layers['0'].down.weight.grad.dtype == torch.float32


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'place': 'ffn'}, "unknown place 'ffn'"),
        ({'kind': 'paralel'}, "unknown kind 'paralel'. Did you mean 'parallel'"),
        ({'activation': 'swish'}, "unknown activation 'swish'"),
        ({'reduction': WIDTH + 1}, f'width {WIDTH} would be'),
        ({'layers': (2, LAYERS + 1)}, f'does not fit a language model of {LAYERS} layers'),
    ],
)
def test_what_cannot_be(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(**{'place': 'mlp', **options})


@pytest.mark.parametrize('init', ['clipped', 'normal', 'xavier', 'identity'])
def test_how_it_begins(init: str) -> None:
    torch.manual_seed(0)
    adapter = TUNERS.build(
        {'type': 'BottleneckAdapter', 'place': 'mlp', 'init': init, 'init_std': 0.01, 'reduction': 2},
        hidden_size=400,
        num_layers=1,
    )
    bottleneck = adapter.layers['0']
    down, up = bottleneck.down, bottleneck.up
    left = torch.randn(2, 3, 400)
    added = bottleneck(left, left) - left
    if init == 'identity':
        assert not added.any() and down.weight.abs().max() > 0.04
        return
    xavier = (2 / 600) ** 0.5
    expected = {'clipped': 0.96 * 0.01, 'normal': 0.01, 'xavier': xavier}[init]
    assert down.weight.std().item() == pytest.approx(expected, rel=0.03)
    assert up.weight.abs().max() < {'clipped': 0.02 + 1e-8, 'normal': 0.06, 'xavier': 3**0.5 * xavier}[init]
    assert bool(down.bias.any()) == bool(up.bias.any()) == (init == 'clipped')
    assert added.any()


def test_a_stack_that_is_not_there() -> None:
    config = {'type': 'BottleneckAdapter', 'place': 'mlp', 'stack': 'encoder'}
    with pytest.raises(ConfigError, match='has one stack; leave stack out'):
        TUNERS.build(config, hidden_size=8, num_layers=2, depths={None: 2})
    beside = TUNERS.build(config, hidden_size=8, num_layers=2, depths={None: 2, 'encoder': 3})
    assert beside.stack == 'encoder' and len(beside.layers) == 3
    # where tokens enter the encoder, that is the stack without a name
    here = TUNERS.build(config, hidden_size=8, num_layers=2, depths={None: 2, 'decoder': 3})
    assert here.stack is None and len(here.layers) == 2
