from collections import Counter

import pytest

from mmalm.datasets.stamps_index import Stamp
from mmalm.datasets.stamps_questions import questions, short_name


def pictures(**counts):
    return [Stamp(f'{kind}/{i}.png', f'A {kind}.', kind, None, 'train') for kind, n in counts.items() for i in range(n)]


def yes_no(stamps, seed=0):
    return questions(stamps, 'yesno', seed)


class TestYesNo:
    @pytest.mark.parametrize('counts', [dict(food=9, plant=5, sign=4), dict(food=7, plant=7), dict(a=1, b=1, c=1, d=4)])
    def test_each_thing_is_asked_as_often_with_yes_as_with_no(self, counts):
        asked = Counter((s['question'], s['answer']) for s in yes_no(pictures(**counts)))
        assert asked
        for question, _ in asked:
            assert asked[question, 'yes'] == asked[question, 'no']

    def test_only_one_of_an_odd_number_is_left_out(self):
        assert len(yes_no(pictures(food=9, plant=5, sign=4))) == 18
        assert len(yes_no(pictures(food=9, plant=6, sign=4))) == 18

    def test_what_one_category_has_beyond_half_is_left_out(self):
        assert len(yes_no(pictures(food=20, plant=2, sign=1))) == 6

    def test_the_answers_are_true(self):
        for sample in yes_no(pictures(food=9, plant=5, vehicle=4)):
            kind = sample['media'].split('/')[0]
            assert (kind in sample['question']) == (sample['answer'] == 'yes')

    def test_every_category_is_asked_about_and_answered(self):
        samples = [s for seed in range(5) for s in yes_no(pictures(food=9, plant=5, sign=4), seed)]
        assert len({(s['media'].split('/')[0], s['answer']) for s in samples}) == 6

    def test_the_seed_decides(self):
        stamps = pictures(food=9, plant=5, sign=4)
        assert yes_no(stamps, 1) == yes_no(list(reversed(stamps)), 1)[::-1]
        assert yes_no(stamps, 1) != yes_no(stamps, 2)

    def test_one_category_alone_has_nothing_to_ask(self):
        assert yes_no(pictures(food=5)) == []

    def test_in_words(self):
        asked = {s['question'] for s in yes_no(pictures(animal=20, clothes=20, food=20, sign=20))}
        assert asked == {'Is this an animal?', 'Is this something to wear?', 'Is this food?', 'Is this a sign?'}


class TestNames:
    @pytest.mark.parametrize(
        ('caption', 'name'),
        [
            ('A great blue heron.', 'great blue heron'),
            ('An Apple', 'apple'),
            ('The full moon.', 'full moon'),
            ('A tomato!', 'tomato'),
            ('Say cheese!', None),
            ('A camera.  Say Cheese!', None),
            ('A box for trash that can be recycled.', None),
            ('A calculator.  6x7=42', None),
            ('A .', None),
        ],
    )
    def test_short_name(self, caption, name):
        assert short_name(caption) == name

    def test_only_pictures_that_have_one_are_asked_for_it(self):
        stamps = [
            Stamp('a.png', 'A lion.', 'animal', 'mammal', 'train'),
            Stamp('b.png', 'Boom!!!', None, None, 'train'),
        ]
        assert [(s['question'], s['answer']) for s in questions(stamps, 'name', 0)] == [('What is this?', 'lion')]
        captions = questions(stamps, 'caption', 0)
        assert [s['answer'] for s in captions] == ['A lion.', 'Boom!!!']
        assert captions[0]['question'] == 'Describe the picture.'
