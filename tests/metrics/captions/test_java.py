"""The Java programs, with a stand-in for Java: what is asked of them, and what becomes of what they answer or do not."""

import json
import os
import sys

import pytest

from mmalm.errors import ConfigError, MissingDataError
from mmalm.metrics import CaptionScores
from mmalm.metrics.captions.java import METEOR, SPICE, SPICE_MODELS, find_programs, missing
from mmalm.metrics.captions.meteor import meteor
from mmalm.metrics.captions.spice import spice

STAND_IN = f"""#!{sys.executable}
import json, sys
arguments = sys.argv[1:]
if 'MODE' == 'breaks':
    sys.exit('java.lang.OutOfMemoryError')
if '-stdio' in arguments:
    for line in sys.stdin:
        parts = line.rstrip('\\n').split(' ||| ')
        if parts[0] == 'SCORE':
            print(f'{{len(parts) - 2}}.0 1.0', flush=True)
        else:
            print('\\n'.join('0.5' for _ in parts[1:]) + '\\n0.25', flush=True)
else:
    asked = json.load(open(arguments[arguments.index('spice-1.0.jar') + 1], encoding='utf-8'))
    values = [1.0, 0.5, None]
    scores = [{{'image_id': a['image_id'], 'scores': {{'All': {{'f': v}}}}}} for a, v in zip(asked, values)]
    json.dump(scores, open(arguments[arguments.index('-out') + 1], 'w'))
"""


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Puts a Java that answers as told, and the programs' files; gives what finds them."""

    def prepare(mode='answers', models=True):
        binary = tmp_path / 'bin' / 'java'
        binary.parent.mkdir()
        binary.write_text(STAND_IN.replace('MODE', mode))
        binary.chmod(0o755)
        monkeypatch.setenv('PATH', f'{binary.parent}:{os.environ["PATH"]}')
        monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))
        folder = tmp_path / 'programs'
        for name in (METEOR, 'meteor/data/paraphrase-en.gz', SPICE, *(SPICE_MODELS if models else ())):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
        return find_programs(folder)

    return prepare


def test_meteor_asks_for_statistics_and_then_for_the_corpus(programs):
    assert meteor(['a cat', ''], [['a cat', 'cat'], ['dog']], programs()) == 0.25


def test_spice_is_the_mean_and_no_number_is_0(programs):
    found = spice(['a', 'b', ''], [['a'], ['b'], ['']], programs())
    assert found == pytest.approx(0.5)


@pytest.mark.parametrize('score', [meteor, spice])
def test_a_program_that_ends_is_an_error_with_its_words(programs, score):
    with pytest.raises(MissingDataError, match='could not be computed.*\n.*OutOfMemoryError'):
        score(['a cat'], [['a cat']], programs('breaks'))


def test_what_is_missing(programs, tmp_path, monkeypatch):
    found = programs(models=False)
    assert missing(found, 'meteor') == ''
    assert 'stanford-corenlp-3.6.0.jar' in missing(found, 'spice') and 'Fetch them once' in missing(found, 'spice')
    assert 'pip install pycocoevalcap' in missing(find_programs(tmp_path / 'nowhere'), 'meteor')
    monkeypatch.setenv('PATH', '')
    assert 'Java is not here' in missing(find_programs(found.folder), 'meteor')


def test_a_score_that_was_asked_for_and_cannot_be_is_an_error(programs):
    folder = str(programs(models=False).folder)
    with pytest.raises(ConfigError, match="CaptionScores: spice cannot be computed:.*scores='available'"):
        CaptionScores(scores='all', programs=folder)
    with pytest.raises(ConfigError, match='spider cannot be computed'):
        CaptionScores(scores=['cider', 'spider'], programs=folder)


def test_available_scores_say_what_they_leave_out(programs, capsys):
    metric = CaptionScores(scores='available', programs=str(programs(models=False).folder))
    assert metric.score_names(None, None)[-1] == 'generated/meteor'
    assert capsys.readouterr().out.startswith('CaptionScores leaves out spice, spider: ')


def test_all_scores_from_programs(programs):
    metric = CaptionScores(scores='all', programs=str(programs().folder))
    rows = [('cat', 'a cat sleeps'), ('dog', 'two dogs run'), ('cow', 'cows')]
    metric.process(None, [{'id': k, 'media': k, 'generated': text, 'references': [text]} for k, text in rows])
    found = metric.evaluate(3)
    assert list(found) == metric.score_names(None, None)
    assert found['generated/meteor'] == 0.25 and found['generated/spice'] == pytest.approx(0.5)
    assert found['generated/spider'] == pytest.approx((found['generated/cider'] + 0.5) / 2)
    assert json.dumps(found)
