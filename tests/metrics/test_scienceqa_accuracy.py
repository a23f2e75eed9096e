import pytest

from mmalm.errors import ConfigError
from mmalm.metrics import ScienceQAAccuracy
from mmalm.metrics.scienceqa_answer import stated_choice

# subject, grade, hint, picture, text; the right choice is A of two
ASKED = [
    ('natural science', 'grade1', True, True, 'The answer is A. BECAUSE: of it.'),
    ('natural science', 'grade6', False, True, 'The answer is B.'),
    ('social science', 'grade7', True, False, 'So: The answer is A. The answer is B.'),
    ('language science', 'grade12', False, False, 'The answer is C.'),  # no choice of two
    ('language science', 'grade3', False, False, 'A, I think'),
]


def samples(asked=ASKED):
    names = ('subject', 'grade', 'has_text', 'has_picture', 'generated')
    known = {'right_choice': 0, 'choices': ['this', 'that']}
    return [{**known, **dict(zip(names, values, strict=True))} for values in asked]


def score(asked=ASKED):
    metric = ScienceQAAccuracy()
    metric.process(None, samples(asked))
    return metric.evaluate(len(asked))


def test_all_groups():
    assert score() == {
        f'scienceqa/{name}': pytest.approx(value)
        for name, value in {
            'overall': 2 / 5,
            'nat': 1 / 2,
            'soc': 1.0,
            'lan': 0.0,
            'txt': 1.0,
            'img': 1 / 2,
            'no': 0.0,
            'g1_6': 1 / 3,
            'g7_12': 1 / 2,
            'failed': 2 / 5,
        }.items()
    }


def test_failures_are_wrong_every_time():
    failed = [(*ASKED[0][:4], 'no answer')] * 50
    assert [score(failed)['scienceqa/overall'] for _ in range(3)] == [0.0] * 3
    assert score(failed)['scienceqa/failed'] == 1.0


def test_a_group_without_questions_has_no_score():
    assert score(ASKED[:1]).keys() == {f'scienceqa/{n}' for n in ('overall', 'nat', 'txt', 'img', 'g1_6', 'failed')}


def test_names_and_judging():
    metric = ScienceQAAccuracy()
    assert set(score()) == set(metric.score_names({'scienceqa': False}, ('generated',)))
    assert metric.score_names(None, ('classified',)) == []
    first, second = samples()[:2]
    assert metric.judge(first, first) == {'generated': True} and metric.judge(second, second) == {'generated': False}
    assert metric.judge(first, {}) == {}


def test_other_data():
    with pytest.raises(ConfigError, match="samples carry no 'right_choice'. It scores data sets of the ScienceQA kind"):
        ScienceQAAccuracy().process(None, [{'generated': 'The answer is A.'}])


@pytest.mark.parametrize(
    ('text', 'choice'),
    [
        ('The answer is B.', 1),
        ('the answer is B.', None),
        ('The answer is BC.', None),
        ('The answer is B', None),
        ('The answer is E.', 4),
        ('The answer is F.', None),
        ('', None),
    ],
)
def test_what_is_stated(text, choice):
    assert stated_choice(text, 5) == choice
