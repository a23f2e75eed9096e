import gzip

import pytest
from tiny_sounds import write_tone

from mmalm.datasets.asterisk_index import TRANSCRIPTS, read_prompts, spoken, words_of
from mmalm.errors import ConfigError, MissingDataError


@pytest.mark.parametrize(
    ('line', 'expected'),
    [
        (' Thank you. ', 'Thank you.'),
        ('...to exit the menu.', 'to exit the menu.'),
        ('To exit  the menu...', 'To exit the menu'),
        ('at [@]', 'at'),
        ('IAX (note: does not say "2")', 'IAX'),
        ('[ascending tones]', ''),
        ('<beep ascending>', ''),
        ('(10 seconds of silence)', ''),
    ],
)
def test_what_is_said(line, expected):
    assert spoken(line) == expected


def test_words_have_neither_signs_nor_case():
    assert words_of("I'm sorry, that's NOT valid.") == "i'm sorry that's not valid"
    assert words_of('To exit the menu') == words_of('to exit the menu.')


def write(root, text, names):
    for name in names:
        write_tone(root / f'{name}.wav', 0.1, 8_000)
    (root / TRANSCRIPTS).write_bytes(gzip.compress(text if isinstance(text, bytes) else text.encode()))
    return root


def test_prompts_in_which_something_is_said(tmp_path):
    text = '; comment\n\ndigits/1: one\nbeep: [a tone]\ngone: Not there.\nthanks: Thank you.\nthanks2: thank you\n'
    write(tmp_path, text, ('digits/1', 'beep', 'thanks', 'thanks2'))
    prompts = {p.media: p for p in read_prompts(tmp_path, tmp_path, 0)}
    assert list(prompts) == ['digits/1.wav', 'thanks.wav', 'thanks2.wav']
    assert prompts['thanks.wav'].split == prompts['thanks2.wav'].split


def test_malformed_files(tmp_path):
    with pytest.raises(MissingDataError, match='zoo.py fetch asterisk-speech'):
        read_prompts(tmp_path / 'none', tmp_path, 0)
    with pytest.raises(MissingDataError, match='core-sounds-en.txt.gz is not there'):
        read_prompts(tmp_path, tmp_path, 0)
    for text, message in (
        (b'a: one\nno colon\n', 'line 2 is not'),
        (b'a: caf\xe9\n', 'not in UTF-8'),
        (b'a: x', 'none of'),
    ):
        with pytest.raises(ConfigError, match=message):
            read_prompts(write(tmp_path, text, ()), tmp_path, 0)
    (tmp_path / TRANSCRIPTS).write_bytes(gzip.compress(b'a: one\n' * 99)[:-20])
    with pytest.raises(MissingDataError, match='is damaged'):
        read_prompts(tmp_path, tmp_path, 0)
