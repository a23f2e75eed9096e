import json
from pathlib import Path

import pytest

from mmalm.metrics.captions.ptb import tokenise, tokens

DATA = Path(__file__).resolve().parents[2] / 'data' / 'captions'
SAMPLE = json.loads((DATA / 'sample.json').read_text(encoding='utf-8'))
FIGURES = json.loads((DATA / 'figures.json').read_text(encoding='utf-8'))


def test_the_sample_is_tokenised_as_the_stanford_tokeniser_does():
    for entry in SAMPLE:
        ours = [tokenise(text) for text in (entry['caption'], *entry['references'])]
        assert ours == FIGURES['tokens'][entry['media']]


# what the stanford tokeniser 3.4.1 gives, recorded
@pytest.mark.parametrize(
    ('caption', 'words'),
    [
        ("The dog's well-known trick, isn't it?", "the dog 's well-known trick is n't it"),
        ("They're gonna try; I cannot.", "they 're gon na try i can not"),
        ('“Curly” quotes ‘single’ it’s don’t', "curly quotes single it 's do n't"),
        ('A (small) [grey] {cat}', 'a -lrb- small -rrb- -lsb- grey -rsb- -lcb- cat -rcb-'),
        ('$5, €5 and 1,000 £', '$ 5 $ 5 and 1,000 #'),
        ("10'6\" at 12:30pm in the '90s & 1990s'", "10 6 at 12:30 pm in the '90s & 1990s"),
        ('Mr. Smith of the U.S. Army etc.', 'mr. smith of the u.s. army etc.'),
        ('Vitamin c. The man. Plan b. is', 'vitamin c the man plan b. is'),
        ('and/or ½ cup 5 7/8 http://a.b/c?d=e', 'and/or 1/2 cup 5\u00a07/8 http://a.b/c?d=e'),
        ("rock'n'roll o'clock y'all 'em c'mon", "rock 'n' roll o'clock y' all 'em c'mon"),
        ('a <b>bold</b> < 3 :) C++', 'a <b> bold </b> < 3 :-rrb- c++'),
        ('foo_bar -foo- a--b a—b ... … !!! ?!', 'foo_bar foo a b a b !!! ?!'),
        ('no. 5 is no. one', 'no. 5 is no one'),
        ('👍 nice\u200b café\u0301', 'nice café\u0301'),
        ('#tag @me a@b.com 50%', '#tag @me a@b.com 50 %'),
        ('two\nlines\tand\u2028more', 'two lines and more'),
        ('', ''),
        ('...', ''),
    ],
)
def test_recorded(caption, words):
    assert tokenise(caption) == words


def test_a_caption_does_not_depend_on_the_next():
    # the reference keeps or drops the last period by the first word of the caption after it
    assert tokenise('the letter b.') == tokenise('the letter b') == 'the letter b'


def test_punctuation_is_a_token_before_it_is_left_out():
    assert tokens('Hi, "you".') == ['hi', ',', "''", 'you', "''", '.']
