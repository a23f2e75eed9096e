"""A checkpoint answers as the model it was saved from, whatever the batches."""

import json
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_epalm import write_epalm

from mmalm.config import load_config
from mmalm.datasets import StampsDataset, collate
from mmalm.engine.checkpoint import save_checkpoint
from mmalm.engine.train import build_model
from mmalm.errors import CheckpointError, ConfigError, MissingDataError
from mmalm.inference import load

KINDS = ['animal', 'food', 'vehicle']


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """A model that answers differently to different pictures, and its checkpoint."""
    file = write_epalm(tmp_path_factory.mktemp('epalm'))
    config = load_config(file)
    model = build_model(config, config.seed).eval()
    with torch.no_grad():
        for parameter in model.connector.parameters():
            parameter.normal_(generator=torch.Generator().manual_seed(0))
    save_checkpoint(file.parent / 'checkpoint', model, config=config)
    data = StampsDataset('val', tasks=['kind'], root=str(file.parent / 'stamps'), preprocessing=model.preprocessing)
    return file.parent, model, data


@pytest.fixture(scope='module')
def predictor(made):
    return load(made[0] / 'checkpoint')


def files(made):
    return [made[2].media_path(key) for key in made[2].media]


def test_answers_are_those_of_the_model_on_its_own_data(made, predictor):
    _, model, data = made
    expected = model.predict(collate([data[i] for i in range(len(data))]))
    paths = [data.media_path(data.samples[i]['media']) for i in range(len(data))]
    question, answers = data.samples[0]['question'], data.samples[0]['answers']
    found = predictor.predict(paths, question, answers)
    assert [p['ranked'] for p in found] == [p['ranked'] for p in expected]
    for mine, theirs in zip(found, expected, strict=True):
        assert mine['scores'] == pytest.approx(theirs['scores'], abs=1e-5) and mine['generated'] is None
    generated = predictor.answer(paths, question)
    assert generated == [p['generated'] for p in expected]
    # the pictures do matter, far more than what the comparison lets pass
    assert max(p['scores']['animal'] for p in found) - min(p['scores']['animal'] for p in found) > 1e-2


@pytest.mark.parametrize('batch_size', [1, 2, 5])
def test_batches_do_not_matter(made, predictor, batch_size):
    paths = files(made)
    other = load(made[0] / 'checkpoint', batch_size=batch_size)
    assert other.answer(paths, 'What is this?') == predictor.answer(paths, 'What is this?')
    pairs = zip(other.predict(paths, 'kind ?', KINDS), predictor.predict(paths, 'kind ?', KINDS), strict=True)
    for one, many in pairs:
        assert one['scores'] == pytest.approx(many['scores'], abs=1e-5)


def test_one_gives_a_text_and_several_a_list(made, predictor):
    path, other = files(made)[:2]
    one = predictor.answer(path, 'What is this?')
    assert isinstance(one, str)
    assert predictor.answer([path], 'What is this?') == [one]
    assert predictor.answer([path, other], 'What is this?')[0] == one
    assert predictor.answer(path, ['What is this?', 'Is this a bird ?'])[0] == one
    assert predictor.answer(path, 'What is this?', answers=KINDS) in KINDS
    one_each = predictor.answer([path, other], ['a ?', 'b ?'], answers=[['yes'], ['no']])
    assert one_each == ['yes', 'no']
    assert predictor.caption(path) == predictor.answer(path, 'Describe the picture.')
    assert predictor.caption([path, other]) == predictor.answer([path, other], 'Describe the picture.')


def test_a_picture_in_any_form_gives_the_same(made, predictor):
    path = files(made)[0]
    scores = predictor.predict(path, 'kind ?', KINDS)[0]['scores']
    with Image.open(path) as opened:
        shown = made[2].load_media(made[2].media[0])
        array = np.asarray(shown)
        forms = [str(path), opened.copy(), shown, array, torch.from_numpy(array.copy()).permute(2, 0, 1)]
    for form in forms:
        assert predictor.predict(form, 'kind ?', KINDS)[0]['scores'] == pytest.approx(scores, abs=1e-6)
    several = torch.from_numpy(array.copy()).permute(2, 0, 1)[None].repeat(2, 1, 1, 1)
    assert len(predictor.answer(several, 'kind ?')) == 2


def test_options_of_generation(made, predictor):
    path = files(made)[0]
    longer = [predictor.answer(path, 'What is this?', max_new_tokens=n, eos_token_id=None) for n in (1, 6)]
    assert len(longer[0].split()) == 1 < len(longer[1].split()) and longer[1].startswith(longer[0])
    head = predictor.model.head
    with pytest.raises(ConfigError, match="unknown option 'max_new_token'. Did you mean 'max_new_tokens'"):
        predictor.answer(path, 'What?', max_new_token=3)
    with pytest.raises(ConfigError, match='answers= ranks, and generates nothing: leave num_beams out'):
        predictor.answer(path, 'What?', answers=KINDS, num_beams=2)
    assert predictor.model.head is head and head.rank and head.generate == {'max_new_tokens': 3}


@pytest.mark.parametrize(
    ('option', 'message'),
    [
        ({'num_beams': 0}, 'model.head.generate.num_beams: must be greater than or equal to 1, found 0'),
        ({'max_new_tokens': 'x'}, r"model.head.generate.max_new_tokens: expected int, found 'x' \(str\)"),
    ],
)
def test_values_of_generation(made, predictor, option, message):
    with pytest.raises(ConfigError, match=message):
        predictor.answer(files(made)[0], 'What is this?', **option)


def test_nothing_is_left_in_training(predictor):
    assert not any(module.training for module in predictor.model.modules())


@pytest.mark.parametrize(
    ('pictures', 'question', 'answers', 'message'),
    [
        (2, ['a', 'b', 'c'], None, '2 media and 3 questions'),
        (1, [3], None, 'A question is a text'),
        (1, None, None, 'A question is a text, or a list of texts; found None'),
        (1, 'a', 'yes', "answers='yes' is one text"),
        (1, 'a', [], 'one or more; found'),
        (1, 'a', [1, 2], r'a list of texts, or a list of such lists; found \[1, 2\]'),
        (1, 'a', ['yes', 'yes'], 'different texts'),
        (2, 'a', [['yes']], '1 sets for 2 questions'),
    ],
)
def test_what_does_not_go_together(made, predictor, pictures, question, answers, message):
    with pytest.raises(ConfigError, match=message):
        predictor.answer(files(made)[:pictures], question, answers)


def test_a_picture_that_cannot_be_opened(made, predictor, tmp_path):
    (tmp_path / 'x.png').write_text('text')
    with pytest.raises(MissingDataError, match='x.png .* is no picture'):
        predictor.answer([files(made)[0], tmp_path / 'x.png'], 'What?')


def changed(made, folder, **changes):
    """A copy of the checkpoint whose JSON says something else."""
    folder.mkdir()
    for file in (made[0] / 'checkpoint').iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    description = json.loads((folder / 'mmalm.json').read_text())
    config = {**(description['config'] or {}), **changes.pop('config', {})}
    (folder / 'mmalm.json').write_text(json.dumps({**description, 'config': config, **changes}))
    return folder


def test_checkpoints_that_cannot_be_used(made, tmp_path):
    with pytest.raises(ConfigError, match=r'named by its folder, .*; found 3 \(int\)'):
        load(3)
    with pytest.raises(MissingDataError, match='No checkpoint at'):
        load(tmp_path / 'gone')
    with pytest.raises(CheckpointError, match='has checkpoint format 99; this version of mmalm reads'):
        load(changed(made, tmp_path / 'a', format_version=99))
    wrong = {'encoder': {'name': 'other', 'class': 'ViT', 'fingerprint': 'f' * 64}}
    with pytest.raises(CheckpointError, match='is a checkpoint of another model'):
        load(changed(made, tmp_path / 'b', base_models=wrong))
    bare = changed(made, tmp_path / 'c')
    description = json.loads((bare / 'mmalm.json').read_text())
    (bare / 'mmalm.json').write_text(json.dumps({**description, 'config': None}))
    with pytest.raises(CheckpointError, match='was saved without its config: give it as config='):
        load(bare)
    given = load_config(made[0] / 'epalm.py')
    assert load(bare, config=given).answer(files(made)[0], 'a ?') == load(made[0] / 'checkpoint').answer(
        files(made)[0], 'a ?'
    )


def test_base_models_that_are_not_here(made, tmp_path, monkeypatch):
    monkeypatch.setenv('MMALM_HOME', str(tmp_path))
    with pytest.raises(MissingDataError, match='python tools/zoo.py fetch smollm2-135m-instruct'):
        load(made[0] / 'checkpoint', options={'model.language_model.model': 'zoo:smollm2-135m-instruct'})
    with pytest.raises(ConfigError, match="no key 'languagemodel' in model. Did you mean 'language_model'"):
        load(made[0] / 'checkpoint', options={'model.languagemodel.model': 'x'})


def test_components_of_its_own_are_imported(made, tmp_path, monkeypatch):
    own = changed(made, tmp_path / 'own', config={'custom_imports': {'imports': ['seen_by_inference']}})
    with pytest.raises(ConfigError, match='PYTHONPATH=FOLDER'):
        load(own)
    (tmp_path / 'seen_by_inference.py').write_text('HERE = True')
    monkeypatch.syspath_prepend(str(tmp_path))
    load(own)
    assert sys.modules.pop('seen_by_inference').HERE


def test_pictures_are_prepared_as_the_config_says(made, tmp_path):
    loader = {'dataset': {'type': 'StampsDataset', 'transform': {'type': 'ImageTransform', 'augment': {}}}}
    none = {'val_dataloader': None, 'test_dataloader': None, 'train_dataloader': loader}
    with pytest.raises(ConfigError, match='The only transform of this config is random'):
        load(changed(made, tmp_path / 'a', config=none))
    loader = {'dataset': {'type': 'StampsDataset', 'transform': {'type': 'ImageTransform', 'resize': 'crop'}}}
    assert load(changed(made, tmp_path / 'b', config={'test_dataloader': loader})).transform.resize == 'crop'


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(device='gpu'), "device='gpu' is none"),
        (dict(device='cuda:7'), r'there are \d+ CUDA devices here'),
        (dict(batch_size=0), 'batch_size=0 must be a whole number'),
        (dict(config='c.py'), r"config='c.py' is no config: give config=load_config\(FILE\)"),
    ],
)
def test_wrong_arguments_are_told_before_anything_is_built(tmp_path, arguments, message):
    with pytest.raises(ConfigError, match=message):
        load(tmp_path / 'gone', **arguments)
