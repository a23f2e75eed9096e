"""The composition: what trains, what it computes, and that batch and padding do not matter to it."""

import pytest
import torch
from tiny import LM_CONFIGS, WORDS, save_tiny_lm, tiny_tokenizer
from tiny_batches import STATISTICS, VIT, batch, only

from mmalm.connectors import Connector
from mmalm.errors import ConfigError, TrainingError
from mmalm.models import AugmentedLM
from mmalm.registry import MODELS


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny_lm(tmp_path_factory.mktemp('lm')))


def config(folder: str, **changes) -> dict:
    return {
        'type': 'AugmentedLM',
        'encoder': {'type': 'TransformersEncoder', 'config': VIT, 'levels': 3, 'preprocessing': STATISTICS},
        'connector': {'type': 'LinearConnector'},
        'language_model': {'type': 'CausalLM', 'model': folder},
        'schedule': {'type': 'LayerwiseReplace', 'start': 2},
        'soft_prompt': {'type': 'SoftPrompt', 'length': 2},
        'head': {'type': 'GenerationHead', 'generate': {'max_new_tokens': 3}},
        **changes,
    }


def build(folder: str, **changes) -> AugmentedLM:
    torch.manual_seed(0)
    return MODELS.build(config(folder, **changes), key='model')


def test_only_connector_and_prompt_train(folder: str) -> None:
    model = build(folder)
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    expected = {f'connector.projections.{j}.{part}' for j in range(3) for part in ('weight', 'bias')}
    assert trained == expected | {'soft_prompt.embedding.weight'}
    assert sum(p.numel() for p in model.parameters() if p.requires_grad) == 3 * (16 * 32 + 32) + 2 * 32
    model.train()
    assert not any(m.training for m in model.language_model.modules())
    assert not any(m.training for m in model.encoder.modules())


def test_every_trained_parameter_gets_a_gradient_and_no_other(folder: str) -> None:
    model = build(folder)
    model.train()
    model.loss(batch())['loss'].backward()
    for name, parameter in model.named_parameters():
        assert (parameter.grad is not None and parameter.grad.abs().max() > 0) == parameter.requires_grad, name


def test_loss_is_the_mean_over_answer_tokens(folder: str) -> None:
    model = build(folder)
    losses = []
    with torch.no_grad():
        for i in range(3):
            losses.append(
                model.loss(only(batch(), i))['loss'] * (3 if i == 0 else 2)
            )  # 'red bird </s>' has three tokens
        together = model.loss(batch())['loss']
    assert together.item() == pytest.approx(sum(losses).item() / 7, abs=1e-5)


def test_loss_ignores_the_question_unless_told(folder: str) -> None:
    head = {'type': 'GenerationHead', 'reduction': 'sample_sum'}
    with torch.no_grad():
        answer = build(folder, head=head).loss(batch())['loss']
        text = build(folder, head={**head, 'targets': 'text'}).loss(batch())['loss']
        tenth = build(folder, head={**head, 'targets': 'text', 'weight': 0.1}).loss(batch())['loss']
    assert text > answer + 1
    assert tenth.item() == pytest.approx(text.item() / 10, rel=1e-5)


@pytest.mark.parametrize('visibility', ['causal', 'all'])
def test_predictions_do_not_depend_on_the_batch(folder: str, visibility: str) -> None:
    model = build(folder, visibility=visibility)
    together = model.predict(batch())
    if visibility == 'all':  # sees padding, by its nature
        assert [p['ranked'] in p['scores'] for p in together] == [True] * 3
        return
    for i, expected in enumerate(together):
        alone = model.predict(only(batch(), i))[0]
        assert alone['generated'] == expected['generated'] and alone['ranked'] == expected['ranked']
        assert alone['scores'] == pytest.approx(expected['scores'], abs=1e-4)
        assert list(expected['scores']) == batch()['answers'][i]
        assert expected['ranked'] == max(expected['scores'], key=expected['scores'].get)


def test_prediction_carries_what_was_asked(folder: str) -> None:
    prediction = build(folder).predict(batch())[1]
    assert prediction['id'] == '1' and prediction['question'] == 'is it a bird ?' and prediction['answer'] == 'yes'


def test_ranking_and_generation_can_be_left_out(folder: str) -> None:
    prediction = build(folder, head={'type': 'GenerationHead', 'rank': False}).predict(batch())[0]
    assert prediction['ranked'] is None and prediction['generated'] is None and prediction['scores'] == {}


def test_cached_features_give_the_same_loss(folder: str) -> None:
    model = build(folder)
    values = batch()
    with torch.no_grad():
        expected = model.loss(values)['loss']
        values['features'] = model.encoder(values.pop('pixels')).cls
        assert torch.equal(model.loss(values)['loss'], expected)


def test_gradient_checkpointing_gives_the_same_gradients(folder: str) -> None:
    gradients = []
    for checkpointing in (False, True):
        lm = {'type': 'CausalLM', 'model': folder, 'gradient_checkpointing': checkpointing}
        model = build(folder, language_model=lm)
        model.loss(batch())['loss'].backward()
        gradients.append(model.connector.projections[0].weight.grad)
    torch.testing.assert_close(*gradients)


def test_autocast_to_bfloat16_stays_close(folder: str) -> None:
    model = build(folder)
    expected = model.loss(batch())['loss']
    with torch.autocast('cpu', torch.bfloat16):
        loss = model.loss(batch())['loss']
    loss.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=0.05) and loss.item() != expected.item()
    assert model.connector.projections[0].weight.grad.dtype == torch.float32


def test_expected_count_is_checked(folder: str) -> None:
    assert build(folder, expect_trainable=1696).trainable_table is not None
    with pytest.raises(TrainingError):
        build(folder, expect_trainable=1697)


def test_base_models_are_named(folder: str) -> None:
    bases = build(folder).base_models()
    assert bases['language_model']['name'] == folder and bases['language_model']['class'] == 'LlamaForCausalLM'
    assert set(bases['encoder']) == {'name', 'class', 'fingerprint'}


@pytest.mark.parametrize(
    ('changes', 'messages'),
    [
        ({'schedule': {'type': 'LayerwiseReplace', 'start': 7}}, ["config node 'model.schedule'", '6 layers']),
        ({'schedule': {'type': 'LayerwiseReplac', 'start': 2}}, ['model.schedule', "Did you mean 'LayerwiseReplace'"]),
        (
            {'connector': {'type': 'LinearConnector', 'shard': True}},
            ['model.connector', "Did you mean 'shared'", 'widths'],
        ),
        ({'trainable': ['conector.*']}, ['conector']),
        ({'head': {'type': 'GenerationHead', 'generate': {'num_beam': 2}}}, ["Did you mean 'num_beams'"]),
        ({'head': {'type': 'GenerationHead', 'generate': {'num_return_sequences': 2}}}, ['one answer']),
        (
            {'head': {'type': 'GenerationHead', 'targets': 'answers'}},
            ["config node 'model.head'", "Did you mean 'answer'"],
        ),
    ],
)
def test_mistakes_are_named(folder: str, changes: dict, messages: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        build(folder, **changes)
    for message in messages:
        assert message in str(caught.value)


class MeanQuery(Connector):
    """One token: the mean of the question's states through a linear layer, plus the deepest level through another."""

    needs_query = True

    def __init__(self, widths: list[int], hidden_size: int):
        super().__init__()
        self.num_sources = 1
        self.text = torch.nn.Linear(hidden_size, hidden_size)
        self.picture = torch.nn.Linear(widths[-1], hidden_size)

    def query(self, perception, source, hidden, span):
        mean = (hidden * span[..., None]).sum(1) / span.sum(1, keepdim=True)
        return (self.text(mean) + self.picture(perception.cls[:, -1]))[:, None]


@pytest.mark.parametrize('dtype', ['float32', 'bfloat16'])
def test_a_text_conditioned_connector_end_to_end(folder: str, dtype: str) -> None:
    model = build(
        folder,
        connector={'type': MeanQuery},
        schedule={'type': 'SingleLayer', 'layer': 2},
        language_model={'type': 'CausalLM', 'model': folder, 'dtype': dtype},
    )
    model.loss(batch())['loss'].backward()
    for parameter in model.connector.parameters():
        assert parameter.grad.abs().max() > 0
    together = model.predict(batch())
    for i, expected in enumerate(together):
        alone = model.predict(only(batch(), i))[0]
        assert alone['scores'] == pytest.approx(expected['scores'], abs=1e-4 if dtype == 'float32' else 0.2)


class GatedMean(Connector):
    """Two blocks that add the gated mean of a memory of summary tokens to every state."""

    attends = True

    def __init__(self, widths: list[int], hidden_size: int, gate: float = 0.0):
        super().__init__()
        self.num_sources = 2
        self.project = torch.nn.Linear(widths[0], hidden_size)
        self.gates = torch.nn.Parameter(torch.full((2,), gate))

    def forward(self, perception):
        return self.project(perception.cls)[:, None]

    def attend(self, source, memory, hidden):
        return hidden + self.gates[source].tanh() * memory.mean(1, keepdim=True)


@pytest.mark.parametrize('dtype', ['float32', 'bfloat16'])
def test_a_connector_that_is_attended_to_end_to_end(folder: str, dtype: str) -> None:
    lm = {'type': 'CausalLM', 'model': folder, 'dtype': dtype}
    changes = {'schedule': {'type': 'CrossAttend', 'start': 1, 'every': 3}, 'language_model': lm, 'soft_prompt': None}
    closed = build(folder, connector={'type': GatedMean}, **changes)
    blind = closed.head.loss(closed.language_model, batch(), lambda span: None)['loss']
    assert torch.equal(closed.loss(batch())['loss'], blind)
    model = build(folder, connector={'type': GatedMean, 'gate': 0.5}, **changes)
    loss = model.loss(batch())['loss']
    loss.backward()
    assert not torch.equal(loss, blind) and model.connector.gates.grad.abs().min() > 0
    together = model.predict(batch())
    for i, expected in enumerate(together):
        alone = model.predict(only(batch(), i))[0]
        assert alone['generated'] == expected['generated'] or dtype == 'bfloat16'
        assert alone['scores'] == pytest.approx(expected['scores'], abs=1e-4 if dtype == 'float32' else 0.2)


@pytest.mark.parametrize(('connector', 'schedule'), [('LinearConnector', 'CrossAttend'), (GatedMean, 'SingleLayer')])
def test_connector_and_schedule_that_do_not_go_together_are_named(folder: str, connector, schedule: str) -> None:
    where = {'start': 1} if schedule == 'CrossAttend' else {'layer': 1}
    with pytest.raises(ConfigError, match='(?s)model.schedule.*(use insert|use attend)'):
        build(folder, connector={'type': connector}, schedule={'type': schedule, **where})


def test_a_deep_prompt_is_trained_and_handed_on(folder: str) -> None:
    model = build(folder, soft_prompt={'type': 'DeepPrompt', 'length': 2, 'layers': (2, 5)})
    assert model.trainable_table.trainable == 3 * (16 * 32 + 32) + 2 * 32 + 3 * 2 * 32
    model.loss(batch())['loss'].backward()
    assert model.soft_prompt.states.grad.abs().amax((1, 2)).min() > 0


def test_a_batch_without_answers_is_named(folder: str) -> None:
    values = batch()
    del values['answers']
    with pytest.raises(ConfigError, match='rank=False'):
        build(folder).predict(values)


def test_tokens_of_a_wrong_shape_are_named(folder: str) -> None:
    model = build(folder)
    model.connector.forward = lambda perception: torch.zeros(3, 3, 32)
    with pytest.raises(ConfigError, match=r'LinearConnector gave .* \[3, 3, 32\]; .* \[3, 3, 1, 32\] is expected'):
        model.loss(batch())


def test_builds_on_the_meta_device(folder: str) -> None:
    with torch.device('meta'):
        model = build(folder)
    assert all(p.is_meta for p in model.parameters())
    assert model.plan.first_layer == 2


def test_random_language_model_with_a_tokenizer_of_its_own(tmp_path) -> None:
    tiny_tokenizer(WORDS).save_pretrained(tmp_path)
    lm = {'type': 'CausalLM', 'config': LM_CONFIGS['opt'], 'tokenizer': str(tmp_path)}
    assert build('', language_model=lm).loss(batch())['loss'] > 0


def test_without_connector_and_schedule_it_is_the_language_model_with_what_else_trains(folder: str) -> None:
    model = build(folder, connector=None, schedule=None)
    trained = [name for name, p in model.named_parameters() if p.requires_grad]
    assert trained == ['soft_prompt.embedding.weight'] and model.plan is None
    seen = batch()
    loss, predictions = model.loss(seen)['loss'], model.predict(seen)
    loss.backward()
    assert model.soft_prompt.embedding.weight.grad.abs().max() > 0
    # whatever the picture shows
    other = {**seen, 'pixels': seen['pixels'].flip(0) + 1}
    assert torch.equal(model.loss(other)['loss'], loss) and model.predict(other) == predictions
    assert build(folder, connector=None, schedule=None, soft_prompt=None, trainable=[]).predict(seen) != predictions


@pytest.mark.parametrize(
    ('changes', 'message'),
    [({'connector': None}, 'a schedule needs a connector'), ({'schedule': None}, 'a connector needs a schedule')],
)
def test_half_a_way_into_the_language_model_is_refused(folder: str, changes: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(folder, **changes)


def test_a_batch_of_another_modality_is_refused(folder: str) -> None:
    asked = batch()
    asked['spectrogram'] = asked.pop('pixels')
    with pytest.raises(ConfigError, match='perceives image, and the batch is of audio'):
        build(folder).loss(asked)
    with pytest.raises(ConfigError, match='the batch is of image and audio'):
        build(folder).loss({**batch(), 'modality': ['image', 'image', 'audio']})


def test_a_connector_that_reads_levels_needs_features_that_hold_them(folder: str, monkeypatch) -> None:
    model = build(folder)
    summaries = {'features': torch.randn(3, 3, 16), **{k: v for k, v in batch().items() if k != 'pixels'}}
    assert model.perceive(summaries).levels is None
    monkeypatch.setattr(type(model.connector), 'reads', 'levels')
    with pytest.raises(ConfigError, match="reads all tokens of a level.*keep='levels'"):
        model.loss(summaries)
    assert len(model.perceive({**summaries, 'features': torch.randn(3, 3, 6, 16)}).levels) == 3
