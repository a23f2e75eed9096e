"""The eP-ALM configs are the published recipes: exact counts, layers, rates and splits, seen without network or weights."""

import re
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants

from mmalm.analysis.describe import describe
from mmalm.config import load_config, plain
from mmalm.engine.schedules import warmup_cosine
from mmalm.registry import MODELS
from mmalm.validation import check

FOLDER = Path(__file__).parents[2] / 'configs' / 'epalm'
CONFIGS = {file.stem: load_config(file) for file in sorted(FOLDER.glob('*.py'))}

# trainable, whole model, and the first injected layer (papers: 0.9 % and 0.06 %)
SIZES = {
    'opt350m_vqa': (5_255_168, 422_250_240, 11),
    'opt1.3b_vqa': (17_862_656, 1_419_419_392, 11),
    'opt2.7b_vqa': (24_949_760, 2_762_345_216, 19),
    'opt2.7b_vqa_released': (24_949_760, 2_762_345_216, 19),
    'opt6.7b_vit_l_vqa': (4_239_360, 6_966_014_976, 19),
    'opt6.7b_vit_l_vqa_released': (4_239_360, 6_966_014_976, 19),
}
# of the paper's two models and its smaller language models; the whole is their sum
PARTS = {
    'opt350m_vqa': {'language_model': 331_196_416},
    'opt1.3b_vqa': {'language_model': 1_315_758_080},
    'opt2.7b_vqa': {
        'connector': 11_811_840,
        'soft_prompt': 13_137_920,
        'language_model': 2_651_596_800,
        'encoder': 85_798_656,
    },
    'opt6.7b_vit_l_vqa': {
        'connector': 4_198_400,
        'soft_prompt': 40_960,
        'language_model': 6_658_473_984,
        'encoder': 303_301_632,
    },
}
# of the whole, in per cent
SHARES = {'opt350m_vqa': 1.2446, 'opt1.3b_vqa': 1.2584, 'opt2.7b_vqa': 0.9032, 'opt6.7b_vit_l_vqa': 0.06086}
# learning rate: of the connectors at the start, after 400 steps, at the end; of the prompt; epochs; questions a step
RECIPES = {name: (1e-5, 2e-5, 1e-6, 1e-5, 8, 256) for name in SIZES}
RECIPES['opt6.7b_vit_l_vqa'] = RECIPES['opt6.7b_vit_l_vqa_released'] = (1e-4, 2e-4, 1e-5, 1e-3, 35, 16)


@pytest.fixture(autouse=True)
def no_hub(monkeypatch, tmp_path):
    """Nothing cached, nothing fetched."""
    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', True)
    monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(tmp_path))


def test_every_config_is_looked_at():
    assert CONFIGS.keys() == SIZES.keys()


@pytest.mark.parametrize(
    ('name', 'shared', 'mlp', 'trainable', 'share'),
    [
        ('opt2.7b_vqa', False, False, 11_837_440, '0.4306'),
        ('opt2.7b_vqa', True, False, 1_994_240, '0.0728'),
        ('opt350m_vqa', True, False, 792_576, '0.1897'),
        ('opt6.7b_vit_l_vqa', False, True, 58_793_984, '0.8375'),
    ],
)
def test_counts_of_other_connectors_and_prompts(name, shared, mlp, trainable, share):
    changes = {'model.connector.shared': shared, 'model.soft_prompt.mlp': mlp, 'model.expect_trainable': trainable}
    text = describe(load_config(FOLDER / f'{name}.py', changes))
    assert re.search(rf'^total trainable +\d+ +{trainable:,} +{share}$', text, re.MULTILINE)


@pytest.mark.parametrize('name', PARTS)
def test_counts_of_every_part_and_what_share_trains(name):
    with torch.device('meta'):
        model = MODELS.build(plain(CONFIGS[name].model))
    counts = {part: sum(p.numel() for p in getattr(model, part).parameters()) for part in PARTS[name]}
    assert counts == PARTS[name]
    trains = sum(p.numel() for p in model.parameters() if p.requires_grad)
    share = 100 * trains / sum(p.numel() for p in model.parameters())
    assert share == pytest.approx(SHARES[name], rel=1e-4)


@pytest.mark.parametrize('name', CONFIGS)
def test_counts_and_layers(name):
    text = describe(CONFIGS[name])
    trainable, total, start = SIZES[name]
    assert re.search(rf'^total trainable +\d+ +{trainable:,} ', text, re.MULTILINE)
    assert re.search(rf'^whole model +{total:,} ', text, re.MULTILINE)
    assert CONFIGS[name].model.expect_trainable == trainable
    lines = [line.split() for line in text[text.index('injection schedule') :].splitlines()[2:]]
    given = [(int(layer), op, int(source)) for layer, mark, op, source in lines[1:13]]
    sources = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert given == [(start + i, 'replace' if i else 'insert', source) for i, source in enumerate(sources)]
    # no level of the encoder goes to waste, and the token of the twelfth runs through the last layer
    last = start + 12
    assert lines[0] == [f'0-{start - 1}', '-'] and lines[-1] == [str(last), 'o', '(stay)']


@pytest.mark.parametrize('name', CONFIGS)
def test_the_document_has_the_same_counts(name):
    document = (FOLDER.parents[1] / 'docs' / 'epalm.md').read_text(encoding='utf-8')
    (row,) = [line for line in document.splitlines() if line.startswith(f'| `configs/epalm/{name}.py`')]
    trainable, total, _ = SIZES[name]
    assert row.endswith(f'| {trainable:,} | {total:,} | {trainable / total:.4%} |'.replace('%', ' %'))


@pytest.mark.parametrize('name', CONFIGS)
def test_rates_epochs_and_batches(name):
    config = CONFIGS[name]
    first, full, last, prompt, epochs, batch = RECIPES[name]
    schedule, optimizer = dict(config.param_scheduler), config.optim_wrapper.optimizer
    assert schedule.pop('type') == 'WarmupCosine'
    per_step = config.optim_wrapper.get('accumulate', 1)
    assert config.train_dataloader.batch_size * per_step == batch
    assert schedule['warmup'] == 400 * per_step  # the schedule counts batches
    steps = epochs * -(-434_000 // config.train_dataloader.batch_size)
    rates = [optimizer.lr * warmup_cosine(s, steps, **schedule) for s in (0, schedule['warmup'], steps)]
    assert rates == pytest.approx([first, full, last])
    (group,) = config.optim_wrapper.groups
    assert (list(group.patterns), group.lr, group.schedule) == (['soft_prompt.*'], prompt, False)
    assert (optimizer.type, optimizer.weight_decay) == ('AdamW', 0.02)
    assert config.train_cfg.max_epochs == epochs


@pytest.mark.parametrize('name', CONFIGS)
def test_chosen_and_reported_by_different_questions(name):
    config = CONFIGS[name]
    check(config, ('model', 'train_dataloader', 'val_dataloader', 'test_dataloader', 'train_cfg', 'metrics'))
    fit, chosen, reported = (config[f'{part}_dataloader'].dataset for part in ('train', 'val', 'test'))
    if name.endswith('_released'):
        assert [d.split for d in (fit, chosen, reported)] == ['karpathy_train', 'karpathy_val', 'karpathy_test']
    else:
        assert (fit.split, fit.fold, fit.answer) == ('train', 'fit', 'sampled')
        assert (chosen.split, chosen.fold) == ('train', 'held_out')
        assert (reported.split, reported.get('fold', 'all')) == ('val', 'all')
    assert chosen.transform.get('augment') is None and reported.transform.get('augment') is None
    assert config.default_hooks.checkpoint.best == 'vqa/overall' and config.metrics[0].type == 'VQAAccuracy'


@pytest.mark.parametrize('name', [n for n in CONFIGS if not n.endswith('_released')])
def test_no_fault_of_the_released_code_is_a_default(name):
    config = CONFIGS[name]
    assert config.model.get('visibility', 'causal') == 'causal' and not config.model.get('live')
    assert config.model.head.get('targets', 'answer') == 'answer' and config.model.head.get('weight', 1.0) == 1.0
    assert 'preprocessing' not in config.model.encoder  # timm's own statistics
    assert config.train_dataloader.dataset.transform.augment.flip is True


@pytest.mark.parametrize('name', ['opt2.7b_vqa_released', 'opt6.7b_vit_l_vqa_released'])
def test_the_released_behaviour_by_name(name):
    config = CONFIGS[name]
    head = config.model.head
    assert (head.targets, head.reduction, head.weight) == ('text', 'sample_sum', 0.1)
    assert head.question_format.format(question='is it?') == 'is it??</a>'
    assert (config.model.visibility, list(config.model.live)) == ('all', ['language_model.*'])
    assert config.model.encoder.preprocessing.mean[0] == 0.48145466
    assert config.train_dataloader.dataset.transform.augment.flip == 'always'


@pytest.mark.parametrize('name', CONFIGS)
def test_number_formats_go_together(name):
    assert (CONFIGS[name].precision, CONFIGS[name].model.language_model.dtype) == ('bf16', 'bfloat16')


def test_what_differs_between_the_two_published_sizes():
    def differing(a, b, path=''):
        for key in a.keys() | b.keys():
            if isinstance(a.get(key), dict) and isinstance(b.get(key), dict):
                yield from differing(a[key], b[key], f'{path}{key}.')
            elif a.get(key) != b.get(key):
                yield path + key

    base, large = (plain(CONFIGS[name]) for name in ('opt2.7b_vqa', 'opt6.7b_vit_l_vqa'))
    assert set(differing(base, large)) == {
        *('model.encoder.model', 'model.connector.shared', 'model.language_model.model', 'model.soft_prompt.mlp'),
        *('model.expect_trainable', 'train_dataloader.batch_size', 'val_dataloader.batch_size'),
        *('test_dataloader.batch_size', 'optim_wrapper.optimizer.lr', 'optim_wrapper.groups'),
        *('optim_wrapper.accumulate', 'param_scheduler.warmup', 'train_cfg.max_epochs'),
    }
