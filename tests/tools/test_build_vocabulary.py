import json

import pytest
from in_process import tool

from mmalm.datasets import GQADataset, JsonlDataset
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
    assert f'{file}: 2 answers, answers that 1 balanced' in out and 'Published are 1,843' in out
    first = file.read_bytes()
    main('gqa', '--root', tmp_path / 'gqa')
    assert file.read_bytes() == first
    main('snli_ve', '--out', tmp_path / 'three.json')
    assert (
        len(read_labels(tmp_path / 'three.json')) == 3 and 'Published' not in capsys.readouterr().out.splitlines()[-1]
    )


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
