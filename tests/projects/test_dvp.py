"""DVP's experiments: counts, recipes and costs of every config, and the table that tells of them; on the meta device."""

import json
import re
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants

from mmalm.analysis.cost_report import describe_costs
from mmalm.analysis.costs import analyse
from mmalm.analysis.ledger import FORWARD
from mmalm.analysis.parts import ABOVE, ADAPTERS, BELOW, CONNECTOR, ENCODER
from mmalm.analysis.workload import Workload
from mmalm.config import load_config, plain
from mmalm.registry import ENCODERS, LANGUAGE_MODELS, MODELS, SEARCHERS, Registry
from mmalm.search.settings import SearchSettings

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / 'projects' / 'dvp'
README = PROJECT / 'README.md'
CONFIGS = {file.stem: load_config(file) for file in sorted((PROJECT / 'configs').glob('*.py'))}
LINK = re.compile(r'\[(\w+)\]\(configs/\w+\.py\)')
TEXT = 16

# giga-MACs of the language model with what makes its prompt, without adapters (papers: 16 text tokens, prompt at layer 0)
MACS = {
    'bert_vqa': 1.683,
    'bert_vqa_all_tokens': 18.93,
    't5_vqa': 2.02,
    't5_vqa_all_tokens': 21.99,
    'llama_adapter_vqa': 110.3,
    'llama_adapter_vqa_all_tokens': 1391.3,
}
# learning rate, factor on the head's, epochs, warm-up, samples a step, weight decay; rate and epochs of the search
RECIPES = {
    'bert_vqa': (1e-4, 10, 10, 0.1, 256, 0.01, 1e-4, 2),
    'bert_gqa': (1e-4, 10, 10, 0.1, 256, 0.01, 1e-4, 2),
    'bert_snli_ve': (1e-4, 1, 5, 0.2, 256, 0.01, 1e-4, 1),
    'bert_adapter_vqa': (1e-3, 10, 10, 0.1, 256, 0.01, 1e-4, 2),
    'bert_adapter_gqa': (5e-4, 10, 10, 0.1, 256, 0.01, 1e-4, 2),
    'bert_adapter_snli_ve': (5e-4, 1, 5, 0.2, 256, 0.01, 1e-4, 1),
    't5_vqa': (2e-4, 10, 10, 0.1, 256, 0.01, 2e-4, 2),
    't5_gqa': (2e-4, 10, 10, 0.1, 256, 0.01, 2e-4, 2),
    't5_snli_ve': (2e-4, 1, 5, 0.2, 256, 0.01, 2e-4, 1),
    't5_adapter_vqa': (3e-4, 10, 10, 0.1, 256, 0.01, 2e-4, 2),
    't5_adapter_gqa': (3e-4, 10, 10, 0.1, 256, 0.01, 2e-4, 2),
    't5_adapter_snli_ve': (3e-4, 1, 5, 0.2, 256, 0.01, 2e-4, 1),
    'llama_adapter_vqa': (5e-4, 1, 10, 0.1, 256, 0.2, 1e-4, 2),
    'llama_adapter_gqa': (5e-4, 1, 10, 0.1, 256, 0.2, 1e-4, 2),
    'llama_adapter_snli_ve': (5e-4, 1, 10, 0.1, 128, 0.2, 1e-4, 2),
    'llama_adapter_scienceqa': (1.25e-3, 1, 20, 0.1, 32, 0.05, None, 2),
}


@pytest.fixture(autouse=True, scope='module')
def built_once():
    """Equal encoders and language models are built once, from nothing but their architecture."""
    build, made = Registry.build, {}

    def remembered(self, cfg, *args, **context):
        if self not in (ENCODERS, LANGUAGE_MODELS):
            return build(self, cfg, *args, **context)
        key = self.name + json.dumps(cfg, default=str, sort_keys=True)
        if key not in made:
            made[key] = build(self, cfg, *args, **context)
        return made[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Registry, 'build', remembered)
        patch.setattr(constants, 'HF_HUB_OFFLINE', True)
        yield


def build(name: str):
    with torch.device('meta'):
        return MODELS.build(plain(CONFIGS[name].model), key='model')


@pytest.mark.parametrize('name', CONFIGS)
def test_what_trains_is_what_the_config_and_the_table_say(name: str) -> None:
    expected = CONFIGS[name].model.expect_trainable
    assert build(name).trainable_table.trainable == expected
    rows = [line for line in README.read_text(encoding='utf-8').splitlines() if f'[{name}](' in line]
    assert rows and all(f'| {expected:,} |' in row for row in rows)


def test_what_the_released_code_trains() -> None:
    """Without the heads, by the paper's facts: 5,960,448, 11,310,720 and 39,073,280."""
    heads = {'bert_adapter': 5_993_529, 't5_adapter': 5_993_529, 'llama_adapter': 3_703_865}
    found = [CONFIGS[f'{name}_vqa_released'].model.expect_trainable - head for name, head in heads.items()]
    assert found == [5_960_448, 11_310_720, 39_073_280]


@pytest.mark.parametrize('name', MACS)
def test_macs_of_the_language_model(name: str) -> None:
    costs = analyse(CONFIGS[name], Workload(1, TEXT, 1), build(name))
    giga = {part: costs.flops('training', phase=FORWARD, part=part) / 2e9 for part in costs.parameters}
    # what is compared with hands all tokens over without a map where widths are equal, ours with one
    parts = (BELOW, ABOVE) if name.endswith('all_tokens') else (CONNECTOR, BELOW, ABOVE)
    assert sum(giga[part] for part in parts) == pytest.approx(MACS[name], abs=0.5 * 10 ** -_digits(MACS[name]))
    assert giga[ENCODER] == pytest.approx(17.56, abs=5e-3)
    assert f'Batch of 1; text of {TEXT} tokens. FLOPs' in describe_costs(costs, name)
    whole, text = sum(giga.values()), README.read_text(encoding='utf-8')
    (row,) = [line for line in text.splitlines() if f'[{name}](' in line and ' G |' in line]
    assert f'| {MACS[name]:,} G | {whole:,.2f} G |' in row, (whole, giga.get(ADAPTERS))


def _digits(value: float) -> int:
    return len(str(value).partition('.')[2])


@pytest.mark.parametrize('name', RECIPES)
def test_recipes(name: str) -> None:
    config = CONFIGS[name]
    lr, factor, epochs, warmup, batch, decay, search_lr, search_epochs = RECIPES[name]
    settings = config.optim_wrapper
    assert (settings.optimizer.type, settings.optimizer.lr, settings.optimizer.weight_decay) == ('AdamW', lr, decay)
    factors = {group.get('lr_mult', 1) for group in settings.get('groups', ()) if group.patterns[0].startswith('head.')}
    assert factors <= {factor} and bool(factors) == (factor != 1)
    assert config.train_dataloader.batch_size * settings.get('accumulate', 1) == batch
    assert (config.train_cfg.max_epochs, config.param_scheduler.warmup) == (epochs, warmup)
    search = SearchSettings(**plain(config.search))
    assert (search.lr, search.epochs) == (search_lr, search_epochs)


def test_every_experiment_is_there() -> None:
    plain_ones = {
        f'{lm}_{task}'
        for lm in ('bert', 'bert_adapter', 't5', 't5_adapter', 'llama_adapter')
        for task in ('vqa', 'gqa', 'snli_ve')
    }
    assert RECIPES.keys() == plain_ones | {'llama_adapter_scienceqa'} and RECIPES.keys() < CONFIGS.keys()
    # what is chosen by is not what is reported on, and searches take theirs from the training split
    for config in CONFIGS.values():
        chosen, reported = config.val_dataloader.dataset, config.test_dataloader.dataset
        assert (chosen.split, chosen.get('fold')) != (reported.split, reported.get('fold'))


def test_released_searches_are_kab_app() -> None:
    for name, config in CONFIGS.items():
        if name.endswith('_released'):
            search = SearchSettings(**plain(config.search))
            searcher = SEARCHERS.build(search.searcher_config, arms=12, seed=0)
            assert (type(searcher).__name__, search.dropout) == ('KabApp', True)


def test_every_config_is_told_of() -> None:
    told = LINK.findall(README.read_text(encoding='utf-8'))
    assert set(told) == CONFIGS.keys()
