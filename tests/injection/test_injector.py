"""Injection into every kind of language model, by every schedule: batch, padding and cache never change a result."""

import pytest
import torch
from tiny import LAYERS, LM_CONFIGS, WIDTH, padded_texts, tiny_lm

from mmalm.errors import ConfigError, MmalmError
from mmalm.injection import Injected, PerceptualCache, Prompt, QueriedTokens, StaticTokens
from mmalm.injection.schedules import ExplicitSchedule, InputPrefix, LayerwiseReplace, SingleLayer
from mmalm.lms import CausalLM

SCHEDULES = {
    'replace to the last layer': LayerwiseReplace(2, 6),
    'replace, then stay': LayerwiseReplace(1, 5, text_step=2, allow_unused_sources=True),
    'replace, then remove': LayerwiseReplace(2, 5, remove_at_end=True),
    'input prefix': InputPrefix(),
    'input prefix, removed': InputPrefix(remove_at=3),
    'single layer': SingleLayer(3),
    'explicit': ExplicitSchedule([(1, 0), (3, 1, 'insert', 1), (4, 2, 'replace', 0), (5, 0, 'remove', 1)]),
}
SOURCES = 3
TEXTS = padded_texts()
MANY = padded_texts(tuple(3 + i % 5 for i in range(32)))
THREE = slice(0, 3)


class Case:
    """One language model under one schedule, with tokens for up to 32 samples and perhaps a soft prompt."""

    def __init__(
        self, kind: str, schedule: str, per_source: int = 1, prompt: int = 0, attention: str = 'sdpa', **options
    ):
        self.lm = tiny_lm(kind, attention)
        self.plan = SCHEDULES[schedule].plan(LAYERS, SOURCES)
        self.injector = self.lm.injector(self.plan, **options)
        generator = torch.Generator().manual_seed(3)
        self.tokens = torch.randn(32, SOURCES, per_source, WIDTH, generator=generator)
        self.prompt = torch.randn(prompt, self.lm.embedding_size, generator=generator) if prompt else None

    def injection(self, samples: slice = THREE) -> Injected:
        prompt = None if self.prompt is None else Prompt(self.prompt)
        return Injected(self.injector, StaticTokens(self.tokens[samples]), prompt)

    @torch.no_grad()
    def logits(self, ids: torch.Tensor, mask: torch.Tensor | None = None, samples: slice = THREE, **options):
        return self.lm(ids, mask, injection=self.injection(samples), **options)


@pytest.fixture(params=SCHEDULES)
def schedule(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=LM_CONFIGS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[(1, 0), (2, 3)], ids=['one token', 'two tokens and a prompt'])
def case(request: pytest.FixtureRequest, kind: str, schedule: str) -> Case:
    return Case(kind, schedule, *request.param)


def test_a_batch_of_1_equals_a_batch_of_32_padded_on_either_side(case: Case) -> None:
    everything = slice(0, 32)
    right = case.logits(MANY['right'], MANY['right_mask'], everything)
    left = case.logits(MANY['left'], MANY['left_mask'], everything)
    for i in range(0, 32, 3):
        length = MANY['lengths'][i]
        alone = case.logits(MANY['right'][i : i + 1, :length], samples=slice(i, i + 1))[0]
        torch.testing.assert_close(right[i, :length], alone, atol=2e-5, rtol=0)
        torch.testing.assert_close(left[i, -length:], alone, atol=2e-5, rtol=0)


def test_a_later_token_never_changes_an_earlier_logit(case: Case) -> None:
    ids = TEXTS['right'][:1]
    changed = ids.clone()
    changed[0, -1] = (ids[0, -1] + 1) % 100
    one = slice(0, 1)
    before, after = case.logits(ids, samples=one), case.logits(changed, samples=one)
    assert torch.equal(before[:, :-1], after[:, :-1])
    assert not torch.equal(before[:, -1], after[:, -1])


def test_cached_passes_equal_one_pass(case: Case) -> None:
    ids, mask = TEXTS['left'], TEXTS['left_mask']
    whole = case.logits(ids, mask)
    cache = case.lm.new_cache(case.injection())
    parts = [case.logits(ids[:, a:b], mask[:, :b], cache=cache) for a, b in ((0, 4), (4, 6), (6, 7))]
    for i, length in enumerate(TEXTS['lengths']):
        torch.testing.assert_close(torch.cat(parts, 1)[i, -length:], whole[i, -length:], atol=1e-4, rtol=0)


@pytest.mark.parametrize('beams', [1, 3])
def test_generation_is_the_same_cached_uncached_batched_and_alone(case: Case, beams: int) -> None:
    options = {'max_new_tokens': 5, 'num_beams': beams, 'eos_token_id': None}
    ids, mask = TEXTS['right'], TEXTS['right_mask']
    cached = case.lm.generate(ids, mask, injection=case.injection(), **options)
    assert cached.shape == (3, 5)
    assert torch.equal(cached, case.lm.generate(ids, mask, use_cache=False, injection=case.injection(), **options))
    for i, length in enumerate(TEXTS['lengths']):
        one = slice(i, i + 1)
        alone = case.lm.generate(ids[one, :length], injection=case.injection(one), **options)
        assert torch.equal(alone[0], cached[i])


def test_eager_equals_sdpa(kind: str) -> None:
    outcomes = [
        Case(kind, 'replace, then stay', 2, 3, attention).logits(TEXTS['right'], TEXTS['right_mask'])
        for attention in ('eager', 'sdpa')
    ]
    real = TEXTS['right_mask'].bool()
    torch.testing.assert_close(outcomes[0][real], outcomes[1][real], atol=2e-5, rtol=0)


def test_every_source_and_the_prompt_matter(case: Case) -> None:
    ids, one = TEXTS['right'][:1], slice(0, 1)
    before = case.logits(ids, samples=one)
    for source in {i.source for i in case.plan.injections if i.op != 'remove'}:
        kept = case.tokens.clone()
        case.tokens[:, source] *= -1
        assert (case.logits(ids, samples=one) - before).abs().max() > 1e-4
        case.tokens = kept
    if case.prompt is not None:
        case.prompt = -case.prompt
        assert (case.logits(ids, samples=one) - before).abs().max() > 1e-4


def test_sampling_follows_the_seed(kind: str) -> None:
    case = Case(kind, 'replace to the last layer', 1, 2)
    options = {'max_new_tokens': 4, 'do_sample': True, 'eos_token_id': None, 'num_return_sequences': 2}
    draws = []
    for use_cache in (True, False):
        torch.manual_seed(5)
        draws.append(
            case.lm.generate(
                TEXTS['left'], TEXTS['left_mask'], use_cache=use_cache, injection=case.injection(), **options
            )
        )
    assert draws[0].shape == (6, 4)
    assert torch.equal(*draws)


def test_model_is_untouched_outside_the_context(kind: str) -> None:
    case = Case(kind, 'input prefix', 1, 2)
    ids = TEXTS['right'][:1]
    before = case.lm(ids)
    case.logits(ids, samples=slice(0, 1))
    assert torch.equal(case.lm(ids), before)
    for module in case.lm.model.modules():
        assert not module._forward_pre_hooks and not module._forward_hooks and 'forward' not in module.__dict__


def test_visibility_all_leaks_what_causal_does_not() -> None:
    ids = TEXTS['right'][:1]
    changed = ids.clone()
    changed[0, -1] = 3
    for visibility, leaks in (('all', True), ('causal', False)):
        case = Case('opt', 'replace, then stay', 1, 2, 'eager', visibility=visibility)
        one = slice(0, 1)
        same = torch.equal(case.logits(ids, samples=one)[:, :-1], case.logits(changed, samples=one)[:, :-1])
        assert same != leaks


def test_visibility_all_is_recomputed_or_refused() -> None:
    case = Case('opt', 'replace, then stay', visibility='all')
    with pytest.raises(ConfigError, match='use_cache=False'):
        case.lm.generate(TEXTS['left'], TEXTS['left_mask'], use_cache=True, injection=case.injection())
    assert (
        case.lm.generate(TEXTS['left'], TEXTS['left_mask'], max_new_tokens=2, injection=case.injection()).shape[1] <= 2
    )
    cache = case.lm.new_cache(case.injection())
    case.logits(TEXTS['left'], TEXTS['left_mask'], cache=cache)
    with pytest.raises(MmalmError, match='cannot hold it'):
        case.logits(TEXTS['left'][:, :1], torch.ones(3, 8).long(), cache=cache)
    with pytest.raises(ConfigError, match="unknown visibility 'al'"):
        case.lm.injector(case.plan, visibility='al')


def test_a_cache_of_another_injection_is_refused() -> None:
    case = Case('llama', 'single layer')
    cache = PerceptualCache()
    ids, mask = TEXTS['left'], TEXTS['left_mask']
    case.lm(ids, mask, cache=cache)
    with pytest.raises(MmalmError, match='filled under another injection'):
        case.logits(ids[:, :1], torch.cat([mask, mask[:, -1:]], 1), cache=cache)


def test_cache_reports_text_lengths() -> None:
    case = Case('llama', 'input prefix, removed', 2)
    cache = case.lm.new_cache(case.injection())
    case.logits(TEXTS['left'], TEXTS['left_mask'], cache=cache)
    assert [cache.get_seq_length(layer) for layer in range(LAYERS)] == [7] * LAYERS
    assert [cache.held(layer) for layer in range(LAYERS)] == [13, 13, 13, 7, 7, 7]
    assert cache.get_mask_sizes(1, 0) == (8, 0)


@pytest.mark.parametrize('attention', ['eager', 'sdpa'])
def test_gradient_checkpointing_recomputes_frozen_layers_in_eval_mode(kind: str, attention: str) -> None:
    gradients, counts = [], []
    for checkpointing in (False, True):
        case = Case(kind, 'explicit', 1, 2, attention)
        case.lm.gradient_checkpointing = checkpointing
        case.tokens.requires_grad_()
        case.prompt.requires_grad_()
        runs = []
        for layer in case.lm.anatomy.layers:
            next(
                m for m in layer.modules() if isinstance(m, torch.nn.LayerNorm) or 'RMSNorm' in type(m).__name__
            ).register_forward_hook(lambda *_, runs=runs: runs.append(1))
        loss = (
            case.lm(TEXTS['left'], TEXTS['left_mask'], injection=case.injection())[TEXTS['left_mask'].bool()]
            .square()
            .mean()
        )
        forward = len(runs)
        loss.backward()
        gradients.append((case.tokens.grad, case.prompt.grad))
        counts.append((forward, len(runs) - forward))
    assert counts == [(LAYERS, 0), (LAYERS, LAYERS)]
    for plain, checkpointed in zip(*gradients, strict=True):
        assert plain.abs().max() > 0
        torch.testing.assert_close(plain, checkpointed)


class TestQueriedTokens:
    """Tokens made from the text states at their layer."""

    @staticmethod
    def tokens(span: torch.Tensor) -> QueriedTokens:
        offsets = torch.randn(len(span), 1, WIDTH, generator=torch.Generator().manual_seed(2))

        def make(source: int, rows: torch.Tensor, hidden: torch.Tensor, span: torch.Tensor) -> torch.Tensor:
            mean = (hidden * span[..., None]).sum(1, keepdim=True) / span.sum(1)[:, None, None]
            return mean + offsets[rows] + source

        return QueriedTokens(make, span, 1)

    @pytest.mark.parametrize('layer', [0, 3])
    def test_batch_padding_and_generation(self, kind: str, layer: int) -> None:
        lm = tiny_lm(kind)
        injector = lm.injector(SingleLayer(layer).plan(LAYERS, 1))
        left, mask = TEXTS['left'], TEXTS['left_mask']
        injection = Injected(injector, self.tokens(mask.bool()))
        options = {'max_new_tokens': 4, 'num_beams': 3, 'eos_token_id': None}
        with torch.no_grad():
            batch = lm(left, mask, injection=injection)
        cached = lm.generate(left, mask, injection=injection, **options)
        assert torch.equal(cached, lm.generate(left, mask, use_cache=False, injection=injection, **options))
        for i, length in enumerate(TEXTS['lengths']):
            alone = injection.select(torch.tensor([i]))
            alone.tokens.span = alone.tokens.span[:, -length:]
            with torch.no_grad():
                single = lm(left[i : i + 1, -length:], injection=alone)
            torch.testing.assert_close(batch[i, -length:], single[0], atol=2e-5, rtol=0)
            assert torch.equal(lm.generate(left[i : i + 1, -length:], injection=alone, **options)[0], cached[i])

    def test_right_padding_moved_by_generation_moves_the_span(self, kind: str) -> None:
        lm = tiny_lm(kind)
        injector = lm.injector(SingleLayer(2).plan(LAYERS, 1))
        options = {'max_new_tokens': 5, 'eos_token_id': None}
        found = [
            lm.generate(
                TEXTS[side],
                TEXTS[f'{side}_mask'],
                injection=Injected(injector, self.tokens(TEXTS[f'{side}_mask'].bool())),
                **options,
            )
            for side in ('left', 'right')
        ]
        assert torch.equal(*found)

    def test_nothing_after_the_span_is_read(self, kind: str) -> None:
        lm = tiny_lm(kind)
        injector = lm.injector(SingleLayer(2).plan(LAYERS, 1))
        ids = TEXTS['right'][:1]
        changed = ids.clone()
        changed[0, -1] = 3
        span = torch.tensor([[True, True, True, False, False, False, False]])
        with torch.no_grad():
            outcomes = [lm(text, injection=Injected(injector, self.tokens(span)))[:, 3:-1] for text in (ids, changed)]
        assert torch.equal(*outcomes)


def test_length_dependent_rotary_is_refused() -> None:
    config = {**LM_CONFIGS['llama'], 'rope_parameters': {'rope_type': 'dynamic', 'rope_theta': 10000.0, 'factor': 2.0}}
    with pytest.raises(ConfigError, match="rope type 'dynamic'"):
        CausalLM(config=config)


@pytest.mark.parametrize(
    ('samples', 'sources', 'message'),
    [(2, SOURCES, '2 samples were given for 3 texts'), (3, 2, 'injects 3 sources, the perceptual tokens have 2')],
)
def test_tokens_of_a_wrong_number_are_named(samples: int, sources: int, message: str) -> None:
    case = Case('llama', 'single layer')
    tokens = StaticTokens(torch.zeros(samples, sources, 1, WIDTH))
    with pytest.raises(ConfigError, match=message):
        case.lm(TEXTS['left'], TEXTS['left_mask'], injection=Injected(case.injector, tokens))


def test_checkpointing_with_a_cache_is_refused() -> None:
    case = Case('llama', 'single layer')
    case.lm.gradient_checkpointing = True
    with pytest.raises(ConfigError, match='fill the cache twice'):
        case.lm(
            TEXTS['left'], TEXTS['left_mask'], cache=case.lm.new_cache(case.injection()), injection=case.injection()
        )


def test_tokens_without_a_plan_are_refused() -> None:
    with pytest.raises(ConfigError, match='without a plan'):
        Injected(tiny_lm('llama').injector(None), StaticTokens(torch.zeros(3, 1, 1, WIDTH)))
