"""Every rule of the official VQA normalisation, in its order and under its conditions."""

import pytest

from mmalm.metrics.vqa_normalise import CONTRACTIONS, normalise, plain_words, tidy, without_punctuation


@pytest.mark.parametrize(
    ('answer', 'expected'),
    [
        ('plain', 'plain'),
        # a mark between letters becomes a blank, one beside a blank vanishes
        ('black/white', 'black white'),
        ('black / white', 'black  white'),
        ('t-shirt', 't shirt'),
        ('yes, it is', 'yes it is'),
        ('(left)', ' left '),
        ('a (left)', 'a left '),
        # the condition holds for each mark by itself
        ('x-y and -z', 'xy and z'),
        ('x_y and -z', 'x y and z'),
        # a comma between digits makes every mark vanish, wherever it stands
        ('1,000', '1000'),
        ('1,000 t-shirts', '1000 tshirts'),
        ('1, 000 t-shirts', '1 000 t shirts'),
        # apostrophes, colons and what is not listed stay
        ("girl's", "girl's"),
        ('10:30', '10:30'),
        ('50% & #7 *', '50% & #7 *'),
        # a period stays where a digit follows
        ('3.5', '3.5'),
        ('.5', '.5'),
        ('5.', '5'),
        ('u.s.a.', 'usa'),
        ('v.2', 'v.2'),
    ],
)
def test_punctuation(answer, expected):
    assert without_punctuation(answer) == expected


@pytest.mark.parametrize('mark', ';/[]"{}()=+\\_-><@`,?!')
def test_every_mark(mark):
    assert without_punctuation(f'a{mark}b') == 'a b'
    assert without_punctuation(f'a {mark}b') == 'a b'
    assert without_punctuation(f'a{mark} b') == 'a b'


def test_at_most_32_periods_go():
    assert without_punctuation('.' * 40) == '.' * 8


@pytest.mark.parametrize(
    ('answer', 'expected'),
    [
        ('Two', '2'),
        ('none', '0'),
        ('zero one two three four five six seven eight nine ten eleven', '0 1 2 3 4 5 6 7 8 9 10 eleven'),
        ('A man on the  moon', 'man on moon'),
        ('an', ''),
        ('theatre', 'theatre'),
        ('dont', "don't"),
        ('DONT', "don't"),
        ("couldn'tve", "couldn't've"),
        # neither is a contraction to the script
        ('lets', 'lets'),
        ('couldntve', 'couldntve'),
        # the script's own slip
        ("somebody'd", 'somebodyd'),
    ],
)
def test_words(answer, expected):
    assert plain_words(answer) == expected


def test_contractions_by_example():
    expected = {'aint': "ain't", "hed've": "he'd've", "he'dve": "he'd've", 'twas': "'twas", "yall'd've": "y'all'd've"}
    expected |= {"y'alld've": "y'all'd've", "y'all'dve": "y'all'd've", "'ow'sat": "'ow's'at", 'oclock': "o'clock"}
    assert {short: CONTRACTIONS[short] for short in expected} == expected
    assert len(CONTRACTIONS) == 114
    # upper case never reaches the table
    assert not [short for short in CONTRACTIONS if short != short.lower()]


def test_one_line():
    assert tidy(' a\nb\tc\n') == 'a b c'


@pytest.mark.parametrize(
    ('answer', 'expected'),
    [
        (' Yes.\n', 'yes'),
        ('The T-shirt!', 't shirt'),
        # the period goes first, so that the word is known
        ('ten.', '10'),
        ('a.', ''),
        # marks go before words: 'one-two' is two words by then
        ('one-two', '1 2'),
        ("It's 1,234.50 dollars", "it's 1234.50 dollars"),
    ],
)
def test_all_rules_in_their_order(answer, expected):
    assert normalise(answer) == expected
    assert normalise(expected) == expected
