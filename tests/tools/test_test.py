"""tools/test.py in this process: a tiny checkpoint scored, its predictions scored again, and what does not fit refused."""

import functools
import json

import pytest
from in_process import tool
from tiny import save_tiny_lm
from tiny_epalm import write_epalm

from mmalm.config import load_config
from mmalm.engine.checkpoint import save_checkpoint
from mmalm.engine.train import build_model
from mmalm.errors import CheckpointError, ConfigError, MissingDataError

# what takes time and is tried elsewhere
BRIEF = ('--no-page', '--cfg-options', 'baselines=None', 'controls=None')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    file = write_epalm(tmp_path_factory.mktemp('epalm'))
    config = load_config(file)
    save_checkpoint(file.parent / 'checkpoint', build_model(config, config.seed), config=config)
    return file.parent


@pytest.fixture
def score(monkeypatch, folder):
    """Run the tool on the config."""
    return functools.partial(tool(monkeypatch, 'test'), folder / 'epalm.py')


@pytest.fixture(scope='module')
def tested(folder):
    """The file that scoring the checkpoint wrote."""
    with pytest.MonkeyPatch.context() as patch:
        tool(patch, 'test')(folder / 'epalm.py', folder / 'checkpoint', '--out', folder / 'test.json', *BRIEF)
    return folder / 'test.json'


def test_predictions_scored_again_without_the_model(folder, tested, score, monkeypatch, capsys):
    monkeypatch.setattr('mmalm.engine.score.build_model', lambda *_: pytest.fail('a model was built'))
    out = folder / 'again.json'
    score('--from-predictions', tested, '--out', out, *BRIEF, 'metrics.0.modes=[ranked]')
    before, after = (json.loads(file.read_text()) for file in (tested, out))
    said = [
        [{key: one[key] for key in ('id', 'ranked', 'generated', 'scores')} for one in found['predictions']]
        for found in (before, after)
    ]
    assert said[0] == said[1] and len(said[1]) == before['samples'] == 25
    ranked = {name: value for name, value in before['metrics']['test'].items() if name.startswith('ranked/')}
    assert after['metrics']['test'] == ranked and len(ranked) < len(before['metrics']['test'])
    assert after['rescored_from'] == str(tested) and f'Results: {out}' in capsys.readouterr().out


def test_predictions_of_something_else_are_refused(folder, tested, score, tmp_path):
    again = ('--from-predictions', tested, '--out', tmp_path / 'x.json')
    with pytest.raises(ConfigError, match="holds predictions of the 'test' split, not of 'val': see --split"):
        score(*again, '--split', 'val', *BRIEF)
    with pytest.raises(
        ConfigError, match=r'(?s)another model or other data.*model.schedule.start: 2 in the file, 3 in'
    ):
        score(*again, *BRIEF, 'model.schedule.start=3')
    with pytest.raises(MissingDataError, match='nowhere.json cannot be read'):
        score('--from-predictions', tmp_path / 'nowhere.json', *BRIEF)
    assert not (tmp_path / 'x.json').exists()


def test_a_checkpoint_made_on_another_base_model_is_refused(folder, score, tmp_path):
    # the same class and shapes, other weights
    other = save_tiny_lm(tmp_path / 'other', seed=1)
    for file in (folder / 'lm').glob('tokenizer*'):
        (other / file.name).write_bytes(file.read_bytes())
    with pytest.raises(CheckpointError, match='is a checkpoint of another model') as caught:
        score(folder / 'checkpoint', *BRIEF, f'model.language_model.model={other}')
    assert f'language_model: {folder / "lm"} (fingerprint ' in str(caught.value)
    assert f'in the checkpoint, {other} (fingerprint ' in str(caught.value)


@pytest.mark.parametrize('given', [[], ['CHECKPOINT', '--from-predictions', 'x.json']])
def test_a_checkpoint_or_predictions(score, capsys, given):
    with pytest.raises(SystemExit):
        score(*given)
    assert 'give either CHECKPOINT or --from-predictions FILE' in capsys.readouterr().err


@pytest.mark.parametrize('given', [['CHECKPOINT', '--no-page'], ['--from-predictions', 'x.json']])
def test_attention_needs_a_page_and_a_checkpoint(score, capsys, given):
    with pytest.raises(SystemExit):
        score(*given, '--attention')
    assert 'leave --no-page and --from-predictions out' in capsys.readouterr().err


def test_a_connector_that_attends_to_nothing_is_refused_before_the_model_is_built(folder, score, monkeypatch):
    monkeypatch.setattr('mmalm.engine.score.build_model', lambda *_: pytest.fail('a model was built'))
    with pytest.raises(ConfigError, match='LinearConnector does not say what it attends to; CrossAttentionPrompt does'):
        score(folder / 'checkpoint', '--attention', *BRIEF[1:])
