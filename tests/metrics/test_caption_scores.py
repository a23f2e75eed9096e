import pytest

from mmalm.errors import ConfigError
from mmalm.metrics import CaptionScores
from mmalm.metrics.captions.scores import caption_scores
from mmalm.registry import METRICS

ROWS = [
    ('a.jpg', 'a dog runs on the beach', ['A dog is running on a beach.', 'the dog runs']),
    ('b.jpg', 'a cat', ['A cat sleeps on the sofa.']),
    ('c.jpg', '', ['Two birds.', 'birds in a tree']),
]


def predictions(rows=ROWS, **more):
    return [{'id': f'{i}', 'media': media, 'generated': text, **more} for i, (media, text, _) in enumerate(rows)]


def batch(rows=ROWS, **more):
    return {'media': [row[0] for row in rows], 'references': [row[2] for row in rows], **more}


def score(metric, rows=ROWS):
    metric.process(batch(rows), predictions(rows))
    return metric.evaluate(len(metric.results))


def test_scores_by_name():
    found = score(CaptionScores())
    assert list(found) == [f'generated/{n}' for n in ('cider', 'bleu4', 'bleu3', 'bleu2', 'bleu1', 'rouge_l')]
    expected = caption_scores([row[1] for row in ROWS], [row[2] for row in ROWS])
    assert found == {f'generated/{name}': value for name, value in expected.items()}
    assert 0 < found['generated/rouge_l'] < 1


def test_each_batch_adds_to_the_corpus():
    metric = CaptionScores()
    metric.process(batch(ROWS[:1]), predictions(ROWS[:1]))
    assert score(metric, ROWS[1:]) == score(CaptionScores())


def test_built_from_a_config():
    metric = METRICS.build(dict(type='CaptionScores', scores=['bleu'], prefix='val'))
    assert list(score(metric)) == metric.score_names(None, ['generated']) == [f'val/bleu{n}' for n in (4, 3, 2, 1)]


def test_an_answer_is_the_reference_where_there_is_no_other():
    metric = CaptionScores(scores=['rouge_l'])
    metric.process({}, predictions(ROWS[:1], answer='a dog runs on the beach', references=[]))
    assert metric.evaluate(1) == {'generated/rouge_l': 1.0}


def test_one_task_of_several():
    metric = CaptionScores(scores=['rouge_l'], task='caption')
    rows = [('a.jpg', 'yes', ['no']), ('a.jpg', 'a dog', ['a dog'])]
    metric.process(batch(rows, task=['vqa', 'caption']), predictions(rows))
    assert metric.evaluate(2) == {'generated/rouge_l': 1.0}
    assert metric.score_names({'vqa': True}, ['generated']) == []
    assert metric.score_names({'vqa': True, 'caption': False}, ['generated']) == ['generated/rouge_l']
    assert metric.score_names(None, ['ranked']) == []
    assert metric.judge({'task': 'vqa', 'references': ['no']}, {'generated': 'yes'}) == {}


def test_one_caption_is_judged_by_rouge():
    metric = CaptionScores()
    assert metric.judge({'references': ['A dog.', 'a cat']}, {'generated': 'a dog'}) == {'generated': 1.0}
    assert metric.judge({'answer': 'a dog'}, {'generated': ''}) == {'generated': 0.0}
    assert metric.judge({'answer': ''}, {'generated': 'a dog'}) == {}
    assert metric.judge({'answer': 'a dog'}, {'generated': None}) == {}


def test_a_dry_run_needs_no_java(tmp_path):
    assert CaptionScores.shrink({'scores': 'all', 'programs': 'x', 'task': 'caption'}, tmp_path) == {
        'scores': 'plain',
        'task': 'caption',
    }


@pytest.mark.parametrize(
    ('act', 'message'),
    [
        (lambda: CaptionScores(scores='every'), "unknown scores 'every'.*plain, available, all"),
        (lambda: CaptionScores(scores=['cidr']), "unknown score 'cidr'. Did you mean 'cider'"),
        (lambda: CaptionScores(scores=[]), 'scores is empty; choose from cider'),
        (lambda: CaptionScores().process({}, predictions(ROWS[:1])), '0 has no references'),
        (
            lambda: CaptionScores().process(batch(), [{'id': '7', 'media': 'a.jpg'}]),
            "prediction of 7 has no 'generated'",
        ),
        (lambda: score(CaptionScores(), [ROWS[0], ROWS[0]]), 'a.jpg has several captions'),
        (lambda: CaptionScores(task='caption').compute_metrics([]), "no samples of the task 'caption' to score"),
    ],
)
def test_mistakes(act, message):
    with pytest.raises(ConfigError, match=message):
        act()
