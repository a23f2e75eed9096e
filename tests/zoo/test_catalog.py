import importlib.util
import json
import re
from importlib import resources

import pytest

from mmalm.errors import ConfigError
from mmalm.zoo import CATALOG, architecture, find_item
from mmalm.zoo.verify import PROBES


def test_the_names_configs_may_use():
    assert [item.name for item in CATALOG] == [
        'smollm2-135m-instruct',
        'dinov2-small',
        'minilm-l6',
        'efficientnet-lite0',
        'whisper-tiny-en',
        'tuxpaint-stamps',
        'asterisk-speech',
        'asterisk-transcripts',
    ]


@pytest.mark.parametrize('item', CATALOG, ids=lambda item: item.name)
def test_entries_are_complete(item):
    assert re.fullmatch('[0-9a-f]{64}', item.sha256) and item.client in ('pip', 'apt') and item.version and item.licence
    assert not item.converter or importlib.util.find_spec(f'mmalm.zoo.{item.converter}')
    assert item.client == 'apt' or not item.member.startswith(item.package), 'members lie in folders named by modules'


def test_every_model_has_an_architecture_and_a_recorded_output():
    recorded = json.loads((resources.files('mmalm.zoo') / 'probes.json').read_text())
    models = [item.name for item in CATALOG if architecture(f'zoo:{item.name}')]
    assert sorted(models) == sorted(PROBES) == sorted(recorded)
    assert all(len(values) == 8 for values in recorded.values())


def test_find_item():
    assert find_item('zoo:minilm-l6') is find_item('minilm-l6') is CATALOG[2]
    with pytest.raises(ConfigError, match=r"holds no 'minilm'\. Did you mean 'minilm-l6'\? It holds: smollm2"):
        find_item('minilm')
    with pytest.raises(ConfigError, match=r"holds no 'xyz'\. It holds: smollm2"):
        find_item('xyz')
