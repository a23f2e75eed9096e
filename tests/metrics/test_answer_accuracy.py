import pytest

from mmalm.errors import ConfigError
from mmalm.metrics.answer_accuracy import AnswerAccuracy, normalise


def score(samples, **arguments):
    metric = AnswerAccuracy(**arguments)
    keys = ('task', 'answer', 'ranked', 'generated')
    metric.process(None, [dict(zip(keys, sample, strict=True)) for sample in samples])
    return metric.evaluate(len(samples))


def test_accuracy_overall_and_by_task():
    samples = [
        ('kind', 'cat', 'cat', 'A cat.'),
        ('kind', 'dog', 'cat', 'dog house'),
        ('kind', 'cow', 'cow', 'cow'),
        ('caption', 'a red ball', None, 'red  ball'),
    ]
    assert score(samples) == pytest.approx(
        {
            'ranked/overall': 2 / 3,
            'ranked/kind': 2 / 3,
            'generated/overall': 3 / 4,
            'generated/caption': 1.0,
            'generated/kind': 2 / 3,
        }
    )


def test_one_mode_alone_under_a_prefix():
    assert score([('kind', 'cat', 'cat', 'dog')], modes=['ranked'], prefix='vqa') == {
        'vqa/ranked/overall': 1.0,
        'vqa/ranked/kind': 1.0,
    }


@pytest.mark.parametrize(
    ('answer', 'plain'),
    [(' A  Cat.', 'cat'), ('the "Dog"', 'dog'), ('yes', 'yes'), ("it's", "it's"), ('Theatre', 'theatre'), ('a', 'a')],
)
def test_normalise(answer, plain):
    assert normalise(answer).strip('"') == plain


def test_nothing_to_score():
    with pytest.raises(ConfigError, match='none of 1 predictions'):
        score([('kind', 'cat', None, None)])


@pytest.mark.parametrize('modes', [['rank'], [], 'ranked'])
def test_unknown_modes(modes):
    with pytest.raises(ConfigError, match='give a list of some of'):
        AnswerAccuracy(modes=modes)


def test_any_of_several_right_answers_from_the_batch():
    metric = AnswerAccuracy(modes=['generated'])
    batch = {'task': ['vqa', 'vqa'], 'answer': ['sofa', 'cat'], 'references': [['couch', 'sofa'], []]}
    metric.process(batch, [{'generated': 'a couch'}, {'generated': 'dog'}])
    assert metric.evaluate(2) == {'generated/overall': 0.5, 'generated/vqa': 0.5}


def test_by_what_samples_carry():
    metric = AnswerAccuracy(modes=['classified'], by=['answer'])
    given = [('neutral', 'neutral'), ('neutral', 'entailment'), ('entailment', 'entailment')]
    metric.process(None, [{'task': 'entailment', 'answer': a, 'classified': c} for a, c in given])
    scores = metric.evaluate(3)
    assert scores == pytest.approx(
        {
            'classified/overall': 2 / 3,
            'classified/entailment': 2 / 3,
            'classified/answer/neutral': 1 / 2,
            'classified/answer/entailment': 1.0,
        }
    )
    names = metric.score_names({'entailment': True}, ['classified'])
    assert names == ['classified/overall', 'classified/entailment', 'classified/answer/*']
    with pytest.raises(ConfigError, match="samples carry no 'grade'"):
        AnswerAccuracy(by=['grade']).process(None, [{'task': 'vqa', 'answer': 'a', 'ranked': 'a'}])
    with pytest.raises(ConfigError, match="by='answer'; give a list"):
        AnswerAccuracy(by='answer')
