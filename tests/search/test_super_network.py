"""All arms in one model: each gives what it gives alone, and together they cost less."""

import pytest
import torch
from mmengine.config import Config
from tiny import LM_CONFIGS, randomise
from tiny_batches import VIT, batch
from tiny_text import TEXT_CONFIGS

from mmalm.engine.evaluation import build_evaluator
from mmalm.errors import ConfigError
from mmalm.models import AugmentedLM
from mmalm.search.rewards import Likelihood, Score, reward_of
from mmalm.search.settings import SearchSettings
from mmalm.search.super_network import SuperNetwork, super_config
from mmalm.search.timing import time_rewards

ANSWERS = ['red bird', 'yes', 'tree', 'no']
LMS = {
    'bert': {'type': 'EncoderLM', 'config': TEXT_CONFIGS['bert']},
    't5': {'type': 'Seq2SeqLM', 'config': TEXT_CONFIGS['t5']},
    'llama': {'type': 'CausalLM', 'config': LM_CONFIGS['llama']},
}
CONNECTOR = {'type': 'CrossAttentionPrompt', 'query': 'mean', 'heads': 2, 'dropout': 0.0, 'start': 'released'}


@pytest.fixture
def words(monkeypatch):
    """Texts as ids, by the length of their words."""
    from mmalm.lms.base import LanguageModel

    encode = lambda self, texts, most=None: [[3 + len(w) for w in text.split()] for text in texts]  # noqa: E731
    for kind in (LanguageModel, *LanguageModel.__subclasses__()):
        if 'encode_question' in vars(kind):
            monkeypatch.setattr(kind, 'encode_question', encode)


def config(kind='bert', connector=CONNECTOR, **changes) -> Config:
    model = {
        'type': 'AugmentedLM',
        'encoder': {'type': 'TransformersEncoder', 'config': VIT, 'levels': 1},
        'connector': connector,
        'language_model': LMS[kind],
        'schedule': {'type': 'SingleLayer', 'layer': 0},
        'head': {'type': 'ClassificationHead', 'answers': ANSWERS, 'hidden': 8},
        'expect_trainable': 1,
        **changes,
    }
    return Config({'model': model, 'optim_wrapper': {'optimizer': {'type': 'AdamW', 'lr': 1.0}}})


def network_of(config: Config, num_layers: int, **options) -> SuperNetwork:
    settings = SearchSettings(**options)
    arms = settings.arms(num_layers)
    torch.manual_seed(0)
    model = AugmentedLM(**{k: v for k, v in super_config(config, settings, arms).model.items() if k != 'type'})
    randomise(model.language_model)
    torch.nn.init.normal_(model.head.classifier[3].weight)
    return SuperNetwork.of(model, arms, settings.separate).eval()


def losses(found):
    return [loss for loss, _ in found]


@pytest.mark.parametrize(('kind', 'depth'), [('bert', 4), ('t5', 4), ('llama', 6)])
def test_every_arm_is_worth_what_it_is_alone(words, kind, depth):
    network = network_of(config(kind), depth)
    together = losses(network.rewards(batch(), range(depth), Likelihood()))
    alone = []
    for arm in range(depth):
        network.choose(arm)
        assert network.plan.first_layer == arm
        alone.append(float(network.loss(batch())['loss'].detach()))
    assert together == pytest.approx(alone, abs=1e-6)
    assert len({round(loss, 4) for loss in together}) == depth


def test_an_arm_trains_its_own_connector_and_what_is_shared(words):
    network = network_of(config(), 4)
    network.choose(2)
    network.loss(batch())['loss'].backward()
    trained = {name for name, p in network.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    assert {name.split('.')[2] for name in trained if name.startswith('connector')} == {'2'}
    assert any(name.startswith('head') for name in trained)


def test_media_are_perceived_once_and_the_layers_below_run_once(words):
    network, ran = network_of(config(), 4), []
    network.encoder.register_forward_hook(lambda *_: ran.append('eye'))
    for number, layer in enumerate(network.language_model.anatomy.layers):
        layer.attention.register_forward_hook(lambda *_, number=number: ran.append(number))
    network.rewards(batch(), range(4), Likelihood())
    assert ran.count('eye') == 1
    # under arm k the layers from k on, and each layer once more without a prompt, as long as a later arm needs it
    assert [ran.count(number) for number in range(4)] == [1 + 1, 2 + 1, 3 + 1, 4]


def test_several_places_share_their_layers_connectors(words):
    network = network_of(config(), 4, places=2, layers=[0, 1, 3])
    assert network.arms == [(0, 1), (0, 3), (1, 3)] and network.connector.num_sources == 3
    assert [[(i.layer, i.source) for i in injector.plan.injections] for injector in network.injectors] == [
        [(0, 0), (1, 1)],
        [(0, 0), (3, 2)],
        [(1, 1), (3, 2)],
    ]
    assert len({round(loss, 4) for loss in losses(network.rewards(batch(), range(3), Likelihood()))}) == 3


def test_one_connector_for_all_arms(words):
    network = network_of(config(connector={'type': 'LinearConnector'}), 4, separate=False)
    found = losses(network.rewards(batch(), range(4), Likelihood()))
    assert network.connector.num_sources == 1 and len({round(loss, 4) for loss in found}) == 4


def test_scores_are_what_the_metrics_judge(words):
    network = network_of(config(), 4)
    reward = reward_of('score', network.head, lambda: build_evaluator([{'type': 'AnswerAccuracy'}]))
    found = network.rewards(batch(), [0, 3], reward)
    for arm, (share, count) in zip((0, 3), found, strict=True):
        network.choose(arm)
        right = [p['classified'] == p['answer'] for p in network.predict(batch())]
        assert (share, count) == (pytest.approx(sum(right) / 3), 3)
    assert reward.of_mean(0.25) == 25 and Likelihood().of_mean(0.0) == 100


def test_sharing_is_timed_against_doing_everything_for_each_arm(words):
    network, ran = network_of(config(), 4), []
    network.encoder.register_forward_hook(lambda *_: ran.append('eye'))
    found = time_rewards(network, batch(), Likelihood(), repetitions=1)
    assert set(found) == {'naive', 'shared', 'stored'} and min(found.values()) > 0
    # once for the features; twice each: for every arm, for all, and not at all
    assert len(ran) == 1 + 2 * (4 + 1 + 0)


@pytest.mark.parametrize(
    ('changes', 'options', 'said'),
    [
        ({'schedule': {'type': 'InputPrefix'}}, {}, "schedule=dict.type='SingleLayer'"),
        ({'schedule': {'type': 'SingleLayer', 'layer': 0, 'remove_at': 2}}, {}, 'stay to the end'),
        ({'connector': {'type': 'LinearConnector'}}, {}, 'LinearConnector has no targets=.*search.separate=False'),
    ],
)
def test_what_cannot_be_placed(changes, options, said):
    settings = SearchSettings(**options)
    with pytest.raises(ConfigError, match=said):
        super_config(config(**changes), settings, settings.arms(4))


def test_a_checkpoint_to_start_from_is_refused():
    from_one = config()
    from_one.load_from = 'somewhere'
    with pytest.raises(ConfigError, match='load_from: a search trains all placements from the start'):
        super_config(from_one, SearchSettings(), SearchSettings().arms(4))


def test_the_super_networks_training():
    wide = super_config(config(), SearchSettings(lr=0.5, epochs=3), SearchSettings().arms(4))
    assert wide.model.connector.targets == 4 and 'expect_trainable' not in wide.model
    assert wide.optim_wrapper.optimizer.lr == 0.5 and wide.train_cfg == {'max_epochs': 3}
    assert wide.param_scheduler is None and wide.val_dataloader is None


def test_rewards_that_cannot_be_had():
    class Generates:
        predicts = ('ranked', 'generated')

    class Silent:
        metrics = [object()]

    with pytest.raises(ConfigError, match="gives ranked, generated. Set search.reward='likelihood'"):
        reward_of('score', Generates(), lambda: None)
    with pytest.raises(ConfigError, match='needs a metric that judges single answers; found object'):
        Score(Silent())
    assert Likelihood().of_mean(float('inf')) != Likelihood().of_mean(float('inf'))
