import json

import pytest
from in_process import tool

from mmalm.datasets import GQADataset, JsonlDataset, VQAv2Dataset
from mmalm.datasets.labels import read_labels
from mmalm.errors import ConfigError


@pytest.fixture
def main(monkeypatch):
    return tool(monkeypatch, 'build_vocabulary')


def test_of_official_files(main, tmp_path, capsys):
    GQADataset.shrink({'split': 'train'}, tmp_path)
    main('gqa', '--root', tmp_path / 'gqa')
    file = tmp_path / 'gqa' / 'vocabulary.json'
    assert read_labels(file) == ('red', 'yes')
    out = capsys.readouterr().out
    assert f'{file}: 2 answers, answers that 1 balanced' in out and 'Published' not in out
    first = file.read_bytes()
    main('gqa', '--root', tmp_path / 'gqa')
    assert file.read_bytes() == first
    main('snli_ve', '--out', tmp_path / 'three.json')
    assert (
        len(read_labels(tmp_path / 'three.json')) == 3 and 'Published' not in capsys.readouterr().out.splitlines()[-1]
    )


def test_another_number_than_published(main, tmp_path, capsys):
    VQAv2Dataset.shrink({}, tmp_path)
    for subset in ('train2014', 'val2014'):
        file = tmp_path / 'vqav2' / f'v2_mscoco_{subset}_annotations.json'
        content = json.loads(file.read_text())
        for annotation in content['annotations']:
            annotation['multiple_choice_answer'] = 'Two'
        file.write_text(json.dumps(content))
    main('vqav2', '--root', tmp_path / 'vqav2')
    assert read_labels(tmp_path / 'vqav2' / 'vocabulary.json') == ('2',)
    assert 'Published are 3,129' in capsys.readouterr().out
    main('vqav2', '--root', tmp_path / 'vqav2', '--least', '2')  # by a rule of one's own
    assert 'Published' not in capsys.readouterr().out


def test_of_a_config(main, tmp_path):
    arguments = JsonlDataset.shrink({'split': 'train'}, tmp_path)
    config, out = tmp_path / 'config.py', tmp_path / 'vocabulary.json'
    dataset = {'type': 'JsonlDataset', **arguments, 'vocabulary': str(out)}
    config.write_text(f'train_dataloader = dict(dataset={dataset!r})')
    main(config, '--out', out, '--least', '2')
    content = json.loads(out.read_text())
    assert content['answers'] == ['a cat', 'a dog', 'cat', 'dog'] and content['source'].keys() == {'config.py'}


def test_mistakes(main, tmp_path):
    (tmp_path / 'config.py').write_text('')
    with pytest.raises(ConfigError, match='say where it goes'):
        main(tmp_path / 'config.py')
    with pytest.raises(ConfigError, match='has no train_dataloader.dataset'):
        main(tmp_path / 'config.py', '--out', tmp_path / 'v.json')
    with pytest.raises(ConfigError, match='--least 0: an answer occurs once'):
        main('gqa', '--least', '0')
    with pytest.raises(ConfigError, match='No rule'):
        main('coco')
