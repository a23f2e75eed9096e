import pytest

from mmalm.errors import ConfigError
from mmalm.metrics import VQAAccuracy
from mmalm.registry import METRICS

# answer given, annotators' answers, answer type, question type, accuracy by the current and by the older script
TABLE = [
    ('yes', ['yes'] * 10, 'yes/no', 'is the', 1.0, 1.0),
    ('Yes.', ['yes'] * 10, 'yes/no', 'is the', 0.0, 1.0),
    ('no', ['yes'] * 8 + ['no'] * 2, 'yes/no', 'is this', 0.6, 0.6),
    ('two', ['2'] * 3 + ['3'] * 7, 'number', 'how many', 0.9, 0.9),
    ('four', ['2'] * 3 + ['3'] * 7, 'number', 'how many', 0.0, 0.0),
    ('the t-shirt', ['t-shirt'] * 5 + ['shirt'] * 5, 'other', 'what is', 1.0, 1.0),
    ('none', ['none'] * 6 + ['nothing'] * 4, 'other', 'what is', 1.0, 0.0),
    ('red', ['red', *['orange'] * 9], 'other', 'what color', 0.3, 0.3),
]
CURRENT = {
    'vqa/overall': 4.8 / 8,
    'vqa/yes_no': 1.6 / 3,
    'vqa/number': 0.45,
    'vqa/other': 2.3 / 3,
    'vqa/question_type/is the': 0.5,
    'vqa/question_type/is this': 0.6,
    'vqa/question_type/how many': 0.45,
    'vqa/question_type/what is': 1.0,
    'vqa/question_type/what color': 0.3,
}


def batch(rows=TABLE):
    return {
        'human_answers': [row[1] for row in rows],
        'answer_type': [row[2] for row in rows],
        'question_type': [row[3] for row in rows],
    }


def predictions(rows=TABLE, mode='generated'):
    return [{'id': str(number), mode: row[0]} for number, row in enumerate(rows)]


def scores(metric, data_batch=None, samples=None):
    metric.process(batch() if data_batch is None else data_batch, predictions() if samples is None else samples)
    return metric.evaluate(len(metric.results))


def test_the_recorded_table():
    assert scores(VQAAccuracy()) == pytest.approx(CURRENT)
    older = scores(VQAAccuracy(script='older'))
    assert older['vqa/overall'] == pytest.approx(sum(row[5] for row in TABLE) / 8)
    assert older['vqa/yes_no'] == pytest.approx(2.6 / 3)
    assert older['vqa/other'] == pytest.approx(1.3 / 3)


def test_overall_comes_first():
    assert next(iter(scores(VQAAccuracy()))) == 'vqa/overall'


def test_each_batch_adds_to_the_score():
    metric = VQAAccuracy()
    metric.process(batch(TABLE[:3]), predictions(TABLE[:3]))
    assert scores(metric, batch(TABLE[3:]), predictions(TABLE[3:])) == pytest.approx(CURRENT)


def test_built_from_a_config():
    metric = METRICS.build(dict(type='VQAAccuracy', mode='ranked', question_types=False, prefix='val'))
    found = scores(metric, samples=predictions(mode='ranked'))
    assert found == pytest.approx({'val' + k[3:]: v for k, v in CURRENT.items() if 'question_type' not in k})


def test_what_a_prediction_carries_itself_counts():
    rows = [{**{name: values[i] for name, values in batch().items()}, **p} for i, p in enumerate(predictions())]
    assert scores(VQAAccuracy(), {}, rows) == pytest.approx(CURRENT)


def test_one_sample_at_a_time():
    metric = VQAAccuracy(script='older')
    samples = [{name: values[i] for name, values in batch().items()} for i in range(8)]
    judged = [metric.judge(sample, prediction) for sample, prediction in zip(samples, predictions(), strict=True)]
    assert [found['generated'] for found in judged] == pytest.approx([row[5] for row in TABLE])
    assert metric.judge({'human_answers': []}, predictions()[0]) == {}
    assert metric.judge(samples[0], {'generated': None}) == {}


def test_no_human_answers_no_scores(capsys):
    without = {**batch(), 'human_answers': [[]] * 8}
    assert scores(VQAAccuracy(), without) == {}
    assert 'none of 8 questions has human answers' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('act', 'message'),
    [
        (lambda: VQAAccuracy(mode='generate'), "unknown mode 'generate'. Did you mean 'generated'"),
        (lambda: VQAAccuracy(script='old'), "unknown script 'old'.*current, older"),
        (lambda: scores(VQAAccuracy(mode='ranked')), "of 0 has no 'ranked' answer. Set mode="),
        (lambda: scores(VQAAccuracy(), {}), "carry no 'human_answers'.*others have AnswerAccuracy"),
        (
            lambda: scores(VQAAccuracy(), {**batch(), 'human_answers': [['a']] * 5 + [[]] * 3}),
            '3 of 8 questions have no human answers',
        ),
    ],
)
def test_mistakes(act, message):
    with pytest.raises(ConfigError, match=message):
        act()
