"""A training step with injection at OPT-125M's size, beside plain transformers on as many positions.

Batch 16, soft prompt of 10 and one perceptual token from layer 6 on; the plain loop learns a prompt of 11, over all layers.
Both tokenise, pad on the left, run forward and backward through the frozen model, and step AdamW. The usual loop makes
vocabulary-wide logits of every position; with ``logits_to_keep`` transformers makes those of the answers alone, as this
project does.
"""

from collections.abc import Callable

import pytest
import torch
from tiny import WORDS, tiny_tokenizer
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

from mmalm.registry import MODELS

BATCH, PROMPT, LEVELS, WIDTH = 16, 10, 6, 768
QUESTION = 'what kind of thing is this picture of ?'
ANSWERS = ['a red bird', 'a tree', 'the blue car', 'one fish'] * (BATCH // 4)
VIT = dict(model_type='vit', hidden_size=WIDTH, num_hidden_layers=LEVELS, num_attention_heads=12, intermediate_size=8)


@pytest.fixture(scope='module')
def tokenizer_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp('tokenizer')
    tiny_tokenizer(WORDS).save_pretrained(folder)
    return str(folder)


@pytest.fixture
def augmented(opt_125m: dict, tokenizer_folder: str) -> Callable[[], Tensor]:
    """The loss of a batch of features, and what trains."""
    torch.manual_seed(0)
    config = dict(
        type='AugmentedLM',
        encoder=dict(type='TransformersEncoder', config=VIT, levels=LEVELS),
        connector=dict(type='LinearConnector'),
        language_model=dict(type='CausalLM', config=opt_125m, tokenizer=tokenizer_folder),
        schedule=dict(type='LayerwiseReplace', start=6, end=12),
        soft_prompt=dict(type='SoftPrompt', length=PROMPT),
        head=dict(type='GenerationHead'),
    )
    model = MODELS.build(config, key='model').train()
    batch = {'question': [QUESTION] * BATCH, 'answer': ANSWERS, 'features': torch.randn(BATCH, LEVELS, WIDTH)}
    return lambda: model.loss(batch)['loss'], [p for p in model.parameters() if p.requires_grad]


def plain(opt_125m: dict, tokenizer: PreTrainedTokenizerFast, answers_only: bool) -> Callable[[], Tensor]:
    """The same of a loop without this project."""
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**opt_125m)).requires_grad_(False).train()
    prompt = nn.Parameter(0.1 * torch.randn(PROMPT + 1, WIDTH))
    tokenizer.padding_side = 'left'

    def loss() -> Tensor:
        texts = [f'Question: {QUESTION} Answer: {answer} </s>' for answer in ANSWERS]
        text = tokenizer(texts, padding=True, return_tensors='pt')
        lengths = torch.tensor([len(row) + 1 for row in tokenizer([f' {a}' for a in ANSWERS])['input_ids']])
        ids, mask = text['input_ids'], text['attention_mask']
        is_answer = torch.arange(ids.shape[1])[None] >= ids.shape[1] - lengths[:, None]
        embedded = torch.cat([prompt.expand(BATCH, -1, -1), model.get_input_embeddings()(ids)], 1)
        mask = nn.functional.pad(mask, (PROMPT + 1, 0), value=1)
        keep = int(lengths.max()) + 1 if answers_only else 0
        logits = model(inputs_embeds=embedded, attention_mask=mask, logits_to_keep=keep).logits
        labels = nn.functional.pad(ids.masked_fill(~is_answer, -100), (PROMPT + 1, 0), value=-100)[
            :, -logits.shape[1] :
        ]
        return nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())

    return loss, [prompt]


@pytest.mark.benchmark(group='one training step, batch 16, OPT-125M size')
@pytest.mark.parametrize('way', ['augmented', 'plain transformers', 'plain transformers, logits of the answers alone'])
def test_step(benchmark, request: pytest.FixtureRequest, opt_125m: dict, tokenizer_folder: str, way: str) -> None:
    if way == 'augmented':
        loss_of, trained = request.getfixturevalue('augmented')
    else:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(tokenizer_folder)
        loss_of, trained = plain(opt_125m, tokenizer, answers_only='alone' in way)
    optimizer = torch.optim.AdamW(trained, lr=1e-4)

    def step() -> Tensor:
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        return loss

    assert benchmark.pedantic(step, rounds=5, warmup_rounds=1).isfinite()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in trained)
