"""tools/predict.py on a tiny checkpoint, in this process."""

import functools
import json

import pytest
from in_process import tool
from tiny_epalm import write_epalm

from mmalm.config import load_config
from mmalm.datasets.media.synthetic import write_media
from mmalm.engine.checkpoint import save_checkpoint
from mmalm.engine.train import build_model
from mmalm.errors import ConfigError, MissingDataError


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    file = write_epalm(tmp_path_factory.mktemp('epalm'))
    config = load_config(file)
    save_checkpoint(file.parent / 'checkpoint', build_model(config, config.seed), config=config)
    return file.parent


@pytest.fixture
def predict(monkeypatch, folder):
    """Run the tool on the checkpoint."""
    return functools.partial(tool(monkeypatch, 'predict'), folder / 'checkpoint')


def test_ranked_answers_of_a_folder(folder, predict, tmp_path, capsys):
    pictures = sorted((folder / 'stamps' / 'animals' / 'fish').glob('*.png'))
    out = tmp_path / 'new' / 'out.json'
    predict('--input', pictures[0].parent, '--prompt', 'a ?', '--answers', 'yes', 'no', '--out', out, '--batch-size', 3)
    found = json.loads(out.read_text())
    assert found['question'] == 'a ?' and [row['file'] for row in found['answers']] == list(map(str, pictures))
    for row in found['answers']:
        assert row['ranked'] == max(row['scores'], key=row['scores'].get) and set(row['scores']) == {'yes', 'no'}
    printed = capsys.readouterr().out
    assert printed.count('fish/thing') == len(pictures) == 8 and 'runner-up' in printed


def test_captions_of_a_glob_by_options(folder, predict, tmp_path, capsys):
    out = tmp_path / 'out.json'
    pattern = folder / 'stamps' / 'town' / '*' / 'thing[01].png'
    predict('--input', pattern, '--caption', '--out', out, '--generate', 'max_new_tokens=1', 'eos_token_id=None')
    found = json.loads(out.read_text())
    assert found['question'] == 'Describe the picture.' and len(found['answers']) == 2
    assert all(len(row['generated'].split()) <= 1 and row['ranked'] is None for row in found['answers'])
    assert 'Describe the picture.' in capsys.readouterr().out


def test_wrong_inputs_are_named_before_the_model_is_loaded(folder, predict, tmp_path):
    (tmp_path / 'x.png').write_text('text')
    with pytest.raises(MissingDataError, match='gone.png: not there'):
        predict('--input', tmp_path / 'gone.png', '--caption')
    with pytest.raises(MissingDataError, match=r'1 of 1 pictures cannot be read:\n.*x.png .* is no picture'):
        predict('--input', tmp_path, '--caption')


def test_a_wrong_kind_is_named_before_the_model_is_loaded(folder, predict, tmp_path, monkeypatch):
    monkeypatch.setattr('mmalm.inference.build_model', lambda *_: pytest.fail('a model was built'))
    write_media(tmp_path / 'a.wav', 'audio', 0)
    with pytest.raises(ConfigError, match='a.wav is a sound, and this model perceives pictures'):
        predict('--input', tmp_path / 'a.wav', '--caption')
    picture = folder / 'stamps' / 'town' / 'flags' / 'thing0.png'
    with pytest.raises(ConfigError, match="modality='audio': this model perceives pictures"):
        predict('--input', picture, '--caption', '--modality', 'audio')


def test_a_wrong_option(folder, predict):
    picture = folder / 'stamps' / 'town' / 'flags' / 'thing0.png'
    with pytest.raises(ConfigError, match="Did you mean 'num_beams'"):
        predict('--input', picture, '--caption', '--generate', 'num_beam=2')


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['--input', 'x.png'], 'one of the arguments --prompt --caption is required'),
        (['--prompt', 'a'], 'required: --input'),
        (['--input', 'x', '--prompt', 'a', '--caption'], 'not allowed with argument'),
        (['--input', 'x', '--caption', '--answers', 'a'], '--answers go with --prompt'),
        (['--input', 'x', '--prompt', 'a', '--answers', 'a', '--generate', 'a=1'], 'free generation'),
    ],
)
def test_arguments_that_do_not_go_together(predict, capsys, arguments, message):
    with pytest.raises(SystemExit):
        predict(*arguments)
    assert message in capsys.readouterr().err
