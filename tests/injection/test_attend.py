"""Cross-attention into inner layers, in every kind of language model: padding, batch, cache and beams never change a result."""

import pytest
import torch
from tiny import LAYERS, LM_CONFIGS, WIDTH, padded_texts, tiny_lm
from torch import Tensor, nn

from mmalm.errors import ConfigError, MmalmError
from mmalm.injection import AttendedMemory, Injected, Injection, PerceptualTokens, Prompt, StaticTokens, make_plan
from mmalm.injection.schedules import CrossAttend, SingleLayer

TEXTS = padded_texts()
TOKENS = 5
THREE = slice(0, 3)


class Blocks(nn.Module):
    """Two gated cross-attention blocks of one head; ``gate=0`` is the identity."""

    def __init__(self, gate: float) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(7)
        self.keys = nn.Parameter(0.3 * torch.randn(2, WIDTH, WIDTH, generator=generator))
        self.gate = nn.Parameter(torch.full((2,), gate))
        self.ran: list[int] = []

    def forward(self, source: int, memory: Tensor, hidden: Tensor) -> Tensor:
        self.ran.append(source)
        weights = (hidden @ self.keys[source] @ memory.transpose(1, 2) / WIDTH**0.5).softmax(-1)
        return hidden + self.gate[source].tanh() * (weights @ memory)


class Both(PerceptualTokens):
    """Sources 0 and 1 are attended to, source 2 gives a token."""

    tokens_per_source = 1
    num_sources = 3

    def __init__(self, attended: AttendedMemory, static: StaticTokens) -> None:
        self.attended, self.static = attended, static

    def __len__(self) -> int:
        return len(self.static)

    def at(self, source: int, hidden: Tensor, real: Tensor) -> Tensor:
        return self.static.at(source - 2, hidden, real)

    def attend(self, source: int, hidden: Tensor, recompute: bool = False) -> Tensor:
        return self.attended.attend(source, hidden, recompute)

    def select(self, samples: Tensor) -> 'Both':
        return Both(self.attended.select(samples), self.static.select(samples))


class Case:
    """A language model whose text attends before layers 0 and 3, and perhaps a token inserted before layer 2."""

    def __init__(self, kind: str, with_token: bool = False, gate: float = 0.8) -> None:
        self.lm = tiny_lm(kind)
        self.with_token = with_token
        found = [Injection(0, 0, 'attend'), Injection(3, 1, 'attend')]
        found += [Injection(3, 2, 'insert')] if with_token else []
        self.plan = make_plan(found, LAYERS, 3 if with_token else 2, attended=(0, 1))
        generator = torch.Generator().manual_seed(3)
        self.memory = torch.randn(3, TOKENS, WIDTH, generator=generator)
        self.tokens = torch.randn(3, 1, 1, WIDTH, generator=generator)
        self.prompt = Prompt(torch.randn(2, self.lm.embedding_size, generator=generator)) if with_token else None
        self.blocks = Blocks(gate)

    def injection(self, samples: slice = THREE) -> Injected:
        tokens = AttendedMemory(self.blocks, self.memory[samples], 2)
        if self.with_token:
            tokens = Both(tokens, StaticTokens(self.tokens[samples]))
        return Injected(self.lm.injector(self.plan), tokens, self.prompt)

    @torch.no_grad()
    def logits(self, ids: Tensor, mask: Tensor | None = None, samples: slice = THREE, **options) -> Tensor:
        return self.lm(ids, mask, injection=self.injection(samples), **options)


@pytest.fixture(params=LM_CONFIGS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[False, True], ids=['attended', 'attended, a token and a prompt'])
def case(request: pytest.FixtureRequest, kind: str) -> Case:
    return Case(kind, request.param)


def test_a_zero_gate_is_exactly_the_frozen_model(kind: str) -> None:
    for side in ('left', 'right'):
        ids, mask = TEXTS[side], TEXTS[f'{side}_mask']
        case = Case(kind, gate=0.0)
        with torch.no_grad():
            assert torch.equal(case.logits(ids, mask)[mask.bool()], case.lm(ids, mask)[mask.bool()])
        options = {'max_new_tokens': 4, 'eos_token_id': None}
        assert torch.equal(
            case.lm.generate(ids, mask, injection=case.injection(), **options), case.lm.generate(ids, mask, **options)
        )


def test_a_batch_padded_on_either_side_equals_single_samples(case: Case) -> None:
    right = case.logits(TEXTS['right'], TEXTS['right_mask'])
    left = case.logits(TEXTS['left'], TEXTS['left_mask'])
    for i, length in enumerate(TEXTS['lengths']):
        alone = case.logits(TEXTS['right'][i : i + 1, :length], samples=slice(i, i + 1))[0]
        torch.testing.assert_close(right[i, :length], alone, atol=2e-5, rtol=0)
        torch.testing.assert_close(left[i, -length:], alone, atol=2e-5, rtol=0)


def test_cached_passes_equal_one_pass_and_the_cache_holds_what_is_in_the_sequence(case: Case) -> None:
    ids, mask = TEXTS['left'], TEXTS['left_mask']
    cache = case.injection().new_cache()
    parts = [case.logits(ids[:, a:b], mask[:, :b], cache=cache) for a, b in ((0, 4), (4, 6), (6, 7))]
    whole = case.logits(ids, mask)
    for i, length in enumerate(TEXTS['lengths']):
        torch.testing.assert_close(torch.cat(parts, 1)[i, -length:], whole[i, -length:], atol=1e-4, rtol=0)
    text, token = (9, 1) if case.with_token else (7, 0)
    assert [cache.held(layer) for layer in range(LAYERS)] == [text] * 3 + [text + token] * 3


@pytest.mark.parametrize('beams', [1, 3])
def test_generation_is_the_same_cached_uncached_batched_and_alone(case: Case, beams: int) -> None:
    options = {'max_new_tokens': 4, 'num_beams': beams, 'eos_token_id': None}
    ids, mask = TEXTS['right'], TEXTS['right_mask']
    cached = case.lm.generate(ids, mask, injection=case.injection(), **options)
    assert torch.equal(cached, case.lm.generate(ids, mask, injection=case.injection(), use_cache=False, **options))
    for i, length in enumerate(TEXTS['lengths']):
        one = slice(i, i + 1)
        alone = case.lm.generate(ids[one, :length], injection=case.injection(one), **options)
        assert torch.equal(alone[0], cached[i])


def test_every_source_matters_and_no_later_token_does(case: Case) -> None:
    ids, one = TEXTS['right'][:1], slice(0, 1)
    before = case.logits(ids, samples=one)
    changed = ids.clone()
    changed[0, -1] = (ids[0, -1] + 1) % 100
    assert torch.equal(before[:, :-1], case.logits(changed, samples=one)[:, :-1])
    for block in range(2):
        with torch.no_grad():
            case.blocks.gate[block] *= -1
        after = case.logits(ids, samples=one)
        assert (after - before).abs().max() > 1e-3
        before = after


def test_gradient_checkpointing_runs_layers_and_blocks_again_for_the_same_gradients(kind: str) -> None:
    gradients = []
    for checkpointing in (False, True):
        case = Case(kind, with_token=True)
        case.lm.gradient_checkpointing = checkpointing
        logits = case.lm(TEXTS['left'], TEXTS['left_mask'], injection=case.injection())
        assert case.blocks.ran == [0, 1]
        logits[TEXTS['left_mask'].bool()].square().mean().backward()
        # backward comes to the later block first
        assert case.blocks.ran == ([0, 1, 1, 0] if checkpointing else [0, 1])
        gradients.append([p.grad for p in case.blocks.parameters()])
    for plain, checkpointed in zip(*gradients, strict=True):
        assert plain.abs().max() > 0
        torch.testing.assert_close(plain, checkpointed)


def test_sources_are_attended_to_or_put_in_as_they_are_made() -> None:
    with pytest.raises(ConfigError, match='nothing to attend to: use insert'):
        CrossAttend(1).plan(LAYERS, 2)
    with pytest.raises(ConfigError, match='the text attends to it: use attend'):
        SingleLayer(1).plan(LAYERS, 1, attends=True)
    memory = AttendedMemory(Blocks(0.0), torch.zeros(3, TOKENS, WIDTH), 2)
    lm = tiny_lm('llama')
    for tokens, plan in (
        (memory, SingleLayer(1).plan(LAYERS, 2)),
        (StaticTokens(torch.zeros(3, 2, 1, WIDTH)), CrossAttend(1).plan(LAYERS, 2, attends=True)),
    ):
        with pytest.raises(MmalmError, match='the plan must use'):
            lm(TEXTS['left'], TEXTS['left_mask'], injection=Injected(lm.injector(plan), tokens))


def test_visibility_all_concerns_tokens_in_the_sequence_alone() -> None:
    case = Case('opt')
    everything = Injected(case.lm.injector(case.plan, 'all'), case.injection().tokens)
    options = {'max_new_tokens': 3, 'eos_token_id': None}
    assert torch.equal(
        case.lm.generate(TEXTS['left'], TEXTS['left_mask'], injection=everything, use_cache=True, **options),
        case.lm.generate(TEXTS['left'], TEXTS['left_mask'], injection=case.injection(), **options),
    )


@pytest.mark.parametrize('beams', [1, 3])
def test_what_a_block_is_given_of_the_memory_is_made_once(beams: int) -> None:
    lm, asked = tiny_lm('gpt2'), []
    plan = CrossAttend(1, 2).plan(LAYERS, 2, attends=True)
    memory = torch.randn(3, TOKENS, WIDTH, generator=torch.Generator().manual_seed(3))

    def remember(source: int, memory: Tensor) -> Tensor:
        asked.append((source, len(memory)))
        return 2 * memory

    options = {'max_new_tokens': 4, 'num_beams': beams, 'eos_token_id': None}
    found, expected = (
        lm.generate(TEXTS['left'], TEXTS['left_mask'], injection=Injected(lm.injector(plan), tokens), **options)
        for tokens in (AttendedMemory(Blocks(0.8), memory, 2, remember), AttendedMemory(Blocks(0.8), 2 * memory, 2))
    )
    assert torch.equal(found, expected) and asked == [(0, 3), (1, 3)]
