import pytest

from mmalm.errors import ConfigError
from mmalm.search.settings import SearchSettings, arm_name


def test_every_layer_is_an_arm_unless_told():
    assert SearchSettings().arms(3) == [(0,), (1,), (2,)]
    assert SearchSettings(layers=[5, 0]).arms(6) == [(0,), (5,)]


def test_several_places_make_every_choice_of_layers_an_arm():
    assert SearchSettings(layers=[0, 2, 4], places=2).arms(6) == [(0, 2), (0, 4), (2, 4)]
    assert len(SearchSettings(places=2).arms(12)) == 66
    assert [arm_name(arm) for arm in ((4,), (3, 7))] == ['layer 4', 'layers 3+7']


@pytest.mark.parametrize(
    ('options', 'said'),
    [
        ({'layers': [0, 6]}, r'\[6\]: the language model has layers 0 to 5'),
        ({'layers': [2, 2]}, 'names a layer twice'),
        ({'layers': [2]}, 'make 1 arms'),
        ({'places': 2, 'layers': [0, 3]}, '2 candidate layers for 2 prompts make 1 arms'),
        ({'places': 2, 'separate': False}, 'a connector each'),
    ],
)
def test_what_cannot_be_searched(options, said):
    with pytest.raises(ConfigError, match=said):
        SearchSettings(**options).arms(6)


def test_too_many_arms():
    with pytest.raises(ConfigError, match='make 4,960 arms'):
        SearchSettings(places=3).arms(32)


@pytest.mark.parametrize(('given', 'instead'), [('arms', 'search.layers and search.places'), ('seed', '--seed')])
def test_what_the_search_gives_is_not_the_configs_to_tell(given, instead):
    with pytest.raises(ConfigError, match=f'search.searcher.{given}=2: the search gives it. Leave it out; .*{instead}'):
        _ = SearchSettings(searcher={'type': 'KabApp', given: 2}).searcher_config
