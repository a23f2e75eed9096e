import json
from pathlib import Path

import pytest

from mmalm.metrics.captions.cider import cider
from mmalm.metrics.captions.java import find_programs, missing
from mmalm.metrics.captions.ptb import tokenise
from mmalm.metrics.captions.rouge import rouge_l
from mmalm.metrics.captions.scores import PLAIN, caption_scores, names

DATA = Path(__file__).resolve().parents[2] / 'data' / 'captions'
SAMPLE = json.loads((DATA / 'sample.json').read_text(encoding='utf-8'))
FIGURES = json.loads((DATA / 'figures.json').read_text(encoding='utf-8'))
CAPTIONS = [entry['caption'] for entry in SAMPLE]
REFERENCES = [entry['references'] for entry in SAMPLE]


def test_the_sample_scores_as_the_reference_implementation():
    found = caption_scores(CAPTIONS, REFERENCES)
    assert list(found) == names(PLAIN) == ['cider', 'bleu4', 'bleu3', 'bleu2', 'bleu1', 'rouge_l']
    assert found == pytest.approx({name: FIGURES['scores'][name] for name in found}, abs=1e-9)


def test_each_caption_scores_as_the_reference_implementation():
    mine, theirs = list(map(tokenise, CAPTIONS)), [list(map(tokenise, texts)) for texts in REFERENCES]
    assert cider(mine, theirs) == pytest.approx(FIGURES['each']['cider'], abs=1e-9)
    each = [rouge_l(caption, texts) for caption, texts in zip(mine, theirs, strict=True)]
    assert each == pytest.approx(FIGURES['each']['rouge_l'], abs=1e-9)


def test_identical_captions():
    found = caption_scores(
        ['a cat sits on the mat', 'two dogs run in the park'],
        [['A cat sits on the mat.'], ['Two dogs run in the park']],
    )
    assert found == pytest.approx(dict.fromkeys(found, 1.0) | {'cider': 10.0}, abs=1e-6)


def test_empty_captions_score_nothing_and_nothing_is_nan():
    assert set(caption_scores(['', ''], [['a cat'], ['a dog']]).values()) == {0.0}
    found = caption_scores(['', '...'], [['...'], ['!!']])
    assert set(found.values()) == {0.0}


def test_one_media_has_no_rare_words():
    assert caption_scores(['a cat'], [['a cat']])['cider'] == 0.0


def test_rarity_is_told_by_the_references_alone():
    references = [['a cat sleeps'], ['a dog sleeps'], ['a cow eats']]
    one = cider(['a cat sleeps', 'x', 'y'], references)[0]
    other = cider(['a cat sleeps', 'a cat sleeps', 'a cat sleeps'], references)[0]
    assert one == other


@pytest.mark.slow
@pytest.mark.skipif(bool(missing(find_programs(), 'meteor')), reason='METEOR needs Java and pycocoevalcap')
def test_meteor_of_the_sample_is_that_of_the_reference_implementation():
    found = caption_scores(CAPTIONS, REFERENCES, ['meteor'], find_programs())
    assert found == pytest.approx({'meteor': FIGURES['scores']['meteor']}, abs=1e-9)
