"""The page of a test, read as a browser would."""

import json
import math
from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pytest
from page_reader import picture_of, read_page
from PIL import Image

from mmalm.errors import MissingDataError
from mmalm.pages import results_page
from mmalm.pages.attention import Attention

ATTACK = '<script>alert("x")</script>'
SET = ['cat', 'dog', 'cow']


class Pictures:
    """One colour each; one is missing."""

    def load_media(self, key):
        if key == 'm3':
            raise MissingDataError('m3 is gone.')
        return Image.new('RGB', (30, 20), (int(key[1:]) * 40, 0, 200))


def prediction(i, answer, ranked, generated=None, task='kind'):
    correct = {'generated': float(generated == answer)} if generated is not None else {}
    scores = {}
    if ranked is not None:
        correct['ranked'] = float(ranked == answer)
        scores = {name: math.log(0.6 if name == ranked else 0.2) for name in SET}
    asked = {'id': f's{i}', 'media': f'm{i % 6}', 'task': task, 'question': f'What is {i}?', 'answer': answer}
    return {**asked, 'ranked': ranked, 'generated': generated, 'scores': scores, 'correct': correct}


PREDICTIONS = [
    prediction(0, 'cat', 'cat', 'cat'),
    prediction(1, 'dog', 'cat', 'dog'),
    prediction(2, 'dog', 'dog', ATTACK),
    prediction(3, 'cow', 'cat', 'cow') | {'question': ATTACK, 'id': '"><img src=http://evil>'},
    prediction(4, 'a cat', None, 'a dog', task='name'),
]


def results(predictions=PREDICTIONS, **changes):
    return {
        'started': '2026-01-01T00:00:00+00:00',
        'split': 'val',
        'checkpoint': {'folder': 'run/best', 'epoch': 3, 'step': 12},
        'metrics': {'val': {'ranked/overall': 0.5, 'ranked/kind': 0.5}},
        'controls': {'val': {'shuffled_media': {'ranked/overall': 0.25}}},
        'baselines': {'val': {'MajorityAnswer': {'ranked/overall': 0.4, 'ranked/kind': 0.4}}},
        'seed': 0,
        'trained_with_seed': 1,
        'wall_seconds': 1.5,
        'config': {'_note': ATTACK},
        'predictions': predictions,
        **changes,
    }


@pytest.fixture(scope='module')
def page():
    return read_page(results_page(results(), Pictures(), 'my <run>'))


def cards(page):
    return page.find('article')


def test_every_sample_has_its_card_wrong_ones_first(page):
    assert [card.attributes['data-place'] for card in cards(page)] == ['1', '3', '4', '0', '2']
    assert [card.attributes['data-first'] for card in cards(page)] == ['wrong'] * 3 + ['right'] * 2
    assert [card.attributes['data-generated'] for card in cards(page)] == ['right', 'right', 'wrong', 'right', 'wrong']
    for card in cards(page):
        original = PREDICTIONS[int(card.attributes['data-place'])]
        assert card.attributes['data-id'] == original['id'] and card.attributes['data-task'] == original['task']
        assert card.attributes['data-answer'] == original['answer']
        assert card.attributes['data-predicted'] == (original['ranked'] or original['generated'])
        assert card.find('p', 'question')[0].text == original['question']
        assert all(word in card.attributes['data-search'] for word in original['answer'].split())


def test_a_verdict_is_a_sign_and_a_colour(page):
    wrong, *_, right, _ = cards(page)
    ranked, generated, truth = wrong.find('dd')
    assert ranked.text == '✗cat' and ranked.attributes['class'] == 'wrong'
    assert generated.text == '✓dog' and generated.attributes['class'] == 'right'
    assert truth.text == 'dog' and 'wrong' in wrong.attributes['class'].split()
    assert 'right' in right.attributes['class'].split()


def test_log_probabilities_from_the_likeliest_on(page):
    bars = cards(page)[0].find('div', 'logprobs')[0]
    assert [name.text for name in bars.find('span', 'name')] == ['cat', '✓ dog', 'cow']
    assert [value.text for value in bars.find('span', 'value')] == ['-0.51', '-1.61', '-1.61']
    assert [fill.attributes['style'] for fill in bars.find('span', 'fill')] == [
        'width:60.0%',
        'width:20.0%',
        'width:20.0%',
    ]
    assert cards(page)[0].attributes['data-margin'] == f'{math.log(3):.4f}'
    assert cards(page)[2].attributes['data-margin'] == '' and not cards(page)[2].find('details')


def test_each_card_has_its_own_picture(page):
    for card in cards(page):
        number = int(card.attributes['data-place'])
        images = card.find('img')
        if number == 3:
            assert images == [] and card.find('span', 'instead')[0].text == 'm3 is gone.'
        else:
            red = picture_of(images[0]).convert('RGB').getpixel((5, 5))[0]
            assert abs(red - number * 40) < 12 and images[0].attributes['alt'] == f'm{number}'


def test_what_users_wrote_is_text_and_never_code(page):
    (script,) = page.find('script')
    assert 'alert' not in script.text
    assert cards(page)[1].find('p', 'question')[0].text == ATTACK
    assert 'evil' not in [image.attributes.get('src') for image in page.find('img')]
    assert page.find('h1')[0].text == 'my <run>'
    assert json.loads(page.find('pre')[0].text) == {'_note': ATTACK}


def test_scores_baselines_and_controls(page):
    bars = page.find('div', 'bars')[0]
    assert [name.text for name in bars.find('span', 'name')] == ['model', 'shuffled media', 'MajorityAnswer']
    assert [value.text for value in bars.find('span', 'value')] == ['0.5000', '0.2500', '0.4000']
    table = page.find('table', 'scores')[0]
    rows = [[cell.text for cell in row.find() if cell.tag in ('th', 'td')] for row in table.find('tr')]
    assert rows == [
        ['score', 'samples', 'model', 'shuffled media', 'MajorityAnswer'],
        ['ranked'],
        ['overall', '4', '0.5000', '0.2500', '0.4000'],
        ['kind', '4', '0.5000', '–', '0.4000'],
    ]
    assert [tally.text for tally in page.find('p', 'tally')[0].find('span')] == ['✗ 2 wrong', '✓ 2 right']


def test_a_confusion_cell_names_what_it_filters(page):
    cells = page.find('table', 'confusion')[0].find('button')
    found = {(c.attributes['data-answer'], c.attributes['data-predicted']): int(c.text) for c in cells}
    assert found == {('cat', 'cat'): 1, ('dog', 'cat'): 1, ('dog', 'dog'): 1, ('cow', 'cat'): 1}
    assert {c.attributes['data-task'] for c in cells} == {'kind'}


def test_filters_offer_what_there_is(page):
    def options(name):
        (select,) = page.find('select', data_filter=name)
        return {option.attributes['value']: option.text for option in select.find('option')}

    assert options('task') == {'': 'every task', 'kind': 'kind (4)', 'name': 'name (1)'}
    assert options('answer') == {'': 'any', 'a cat': 'a cat (1)', 'cat': 'cat (1)', 'cow': 'cow (1)', 'dog': 'dog (2)'}
    assert set(options('judge')) == {'first', 'generated'}
    assert [radio.attributes['value'] for radio in page.find('input', type='radio')] == [
        '',
        'wrong',
        'right',
    ]


def test_thousands_are_sampled_and_the_page_says_so():
    many = [prediction(i, 'cat', 'cat' if i % 4 else 'dog') for i in range(2000)]
    html = results_page(results(many), Pictures(), count=100)
    page = read_page(html)
    assert len(cards(page)) == 100
    text = page.find('section', 'gallery')[0].text
    assert '100 of 2,000 samples are shown, drawn at random: 50 of the 500 wrong, 50 of the 1,500 right.' in text
    # tables are of all
    assert [int(c.text.replace(',', '')) for c in page.find('table', 'confusion')[0].find('button')] == [1500, 500]


def test_a_split_without_answers_shows_predictions_alone():
    unknown = [p | {'answer': '', 'correct': {}} for p in PREDICTIONS]
    page = read_page(results_page(results(unknown, metrics={'val': {}}), Pictures()))
    assert 'This split has no answers' in page.text and not page.find('table')
    assert [card.attributes['data-first'] for card in cards(page)] == ['unjudged'] * 5
    assert cards(page)[0].find('dd')[0].text == '·cat'


def test_partly_right_answers_stand_between():
    page = read_page(results_page(results([p | {'correct': {'ranked': 0.3}} for p in PREDICTIONS[:1]]), Pictures()))
    assert cards(page)[0].attributes['data-first'] == 'partly'
    assert cards(page)[0].find('span', 'sign')[0].attributes['title'] == 'partly (0.30)'


def test_without_pictures_the_rest_is_there():
    page = read_page(results_page(results(), object()))
    assert len(cards(page)) == 5 and not page.find('img')
    assert cards(page)[0].find('span', 'instead')[0].text == 'this data set shows no media'


def test_attention_lies_over_the_pictures_and_can_be_switched_off():
    asked = []

    def attention(places):
        asked.append(list(places))
        picture = Image.new('RGB', (8, 8), (90, 90, 90))
        return {place: Attention(picture, np.array([[0.5, 0.25]]), 0.25) for place in places if place != 3}

    page = read_page(results_page(results(), Pictures(), attention=attention))
    assert asked == [[0, 1, 2, 3, 4]]
    (box,) = page.find('input', id='attention')
    assert 'checked' in box.attributes
    for card in page.find('article'):
        over = card.find('img', 'attention')
        assert len(over) == (card.attributes['data-place'] != '3')
        if over:
            left, right = (np.asarray(picture_of(over[0]))[:, half].mean() for half in (slice(0, 100), slice(156, 256)))
            assert left > right + 20
            assert card.find('p', 'attended')[0].text == 'brightest patch 50.0 %, not on patches 25.0 %'
            assert card.find('p', 'attended')[0].attributes['title'].startswith('50.0 % each')


def test_no_word_of_attention_unless_asked_for(monkeypatch):
    monkeypatch.setattr('mmalm.pages.render.datetime', SimpleNamespace(now=lambda zone: datetime(2026, 1, 1)))
    page = results_page(results(), Pictures())
    assert 'atten' not in page
    assert results_page(results(), Pictures(), attention=lambda places: {}) == page
