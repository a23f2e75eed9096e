"""A search goes on with what it was begun with, or says what differs before anything is built."""

import json

import pytest

from mmalm.errors import CheckpointError, ConfigError
from mmalm.search.resuming import refuse_another_search, refuse_other_settings

OWN = {'search': {'every': 1, 'share': 0.2}, 'arms': [[0], [1]], 'seed': 3}


def test_the_same_goes_on():
    refuse_other_settings(OWN, OWN)


@pytest.mark.parametrize(
    ('changed', 'said'),
    [
        ({'search': {'every': 2, 'share': 0.2}}, r"search=\{'every': 2\}, the config has \{'every': 1\}"),
        ({'search': {'every': 1}}, r"search=\{\}, the config has \{'share': 0.2\}"),
        ({'arms': [[0], [2]]}, r'arms=\[\[0\], \[2\]\], the config has'),
        ({'seed': 4}, 'seed=4, the config has 3'),
    ],
)
def test_what_differs_is_named_alone(changed, said):
    with pytest.raises(ConfigError, match=said):
        refuse_other_settings({**OWN, **changed}, OWN)


def test_a_trainings_checkpoint_is_none_of_a_search(tmp_path):
    (tmp_path / 'training_state.json').write_text(json.dumps({'position': {'hooks': {'CheckpointHook': {}}}}))
    with pytest.raises(CheckpointError, match="a training's, which a search cannot go on from"):
        refuse_another_search(tmp_path, OWN)
    (tmp_path / 'training_state.json').write_text(
        json.dumps({'position': {'hooks': {'SearchHook': {'settings': OWN}}}})
    )
    refuse_another_search(tmp_path, OWN)
