"""Messages a user can act on."""

import pytest

from mmalm import errors
from mmalm.errors import ConfigError, MmalmError, check_choice, closest


def test_closest_names_what_is_near():
    assert closest('LinearConector', ['LinearConnector', 'MlpConnector', 'Zebra']) == (
        "Did you mean 'LinearConnector' or 'MlpConnector'?"
    )


def test_closest_is_silent_when_nothing_is_near():
    assert closest('width', ['lr', 'seed']) == ''
    assert closest('width', []) == ''


def test_closest_ignores_case_but_keeps_the_valid_spelling():
    assert closest('linearconnector', ['LinearConnector']) == "Did you mean 'LinearConnector'?"


def test_closest_gives_at_most_count_names():
    assert closest('layer', ['layer_1', 'layer_2', 'layer_3', 'layer_4'], count=2).count("'layer_") == 2


def test_closest_takes_names_that_are_not_strings():
    assert closest('12', [12, 34]) == "Did you mean '12'?"


@pytest.mark.parametrize(
    ('kind', 'builtin'),
    [
        (errors.ConfigError, ValueError),
        (errors.MissingDataError, FileNotFoundError),
        (errors.CheckpointError, Exception),
        (errors.TrainingError, Exception),
    ],
)
def test_all_errors_are_ours_and_print_as_written(kind, builtin):
    error = kind('first line\nsecond line')
    assert isinstance(error, MmalmError)
    assert isinstance(error, builtin)
    assert str(error) == 'first line\nsecond line'


def test_several_arguments_are_lines():
    assert str(errors.ConfigError('what', 'what to do')) == 'what\nwhat to do'


def test_a_choice_that_is_none_is_named():
    check_choice('Thing', 'mode', 'fast', ('fast', 'slow'))
    with pytest.raises(ConfigError) as caught:
        check_choice('Thing', 'mode', 'fats', ('fast', 'slow'))
    assert str(caught.value) == "Thing: unknown mode 'fats'. Did you mean 'fast'? Choose from fast, slow."
    with pytest.raises(ConfigError, match=r'Thing: unknown mode \[\]. Choose from fast'):
        check_choice('Thing', 'mode', [], ('fast',))
