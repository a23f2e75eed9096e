"""Finding all faults instead of the first."""

import pytest

from mmalm.errors import ConfigError, MissingDataError
from mmalm.faults import Fault, Missing, attempt, config_node, gathering, part


def fail(error):
    raise error


def test_nothing_changes_where_no_faults_are_gathered():
    assert attempt(lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        attempt(lambda: 1 / 0)


def test_faults_are_noted_with_their_place_and_what_needs_the_part_is_left_out():
    with gathering() as found, config_node('model'):
        with config_node('encoder'):
            encoder = attempt(lambda: fail(ConfigError('too deep')))
        connector = attempt(lambda: encoder.widths)
        skipped = attempt(lambda: fail(ConfigError('never reached')), connector)
        head = attempt(lambda: 'head')
        attempt(lambda: 1 / 0)
        attempt(lambda: fail(MissingDataError('not fetched')))
    assert isinstance(encoder, Missing) and isinstance(connector, Missing) and isinstance(skipped, Missing)
    assert head == 'head'
    assert found.faults == [
        Fault('model.encoder', 'too deep'),
        Fault('model', 'cannot be built with these values: ZeroDivisionError: division by zero'),
    ]
    assert [str(error) for error in found.absent] == ['not fetched']


def test_the_innermost_node_is_the_one_at_fault():
    def build():
        with config_node('inner'):
            raise ValueError('no')

    with gathering() as found, config_node('outer'):
        attempt(build)
    assert found.faults[0].path == 'outer.inner'
    with pytest.raises(ConfigError) as caught, config_node('a'), config_node('b'):
        raise ConfigError('no')
    assert str(caught.value) == "config node 'a.b': no"


def test_a_part_of_something_that_may_be_missing():
    class Model:
        encoder = Missing()
        head = 5

        @property
        def preprocessing(self):
            return self.encoder.preprocessing

    assert (part(Model(), 'head'), part(Model(), 'encoder'), part(Model(), 'preprocessing')) == (5, None, None)
    assert part(Missing(), 'head') is None and part(Model(), 'nothing') is None


def test_a_fault_of_several_lines_is_indented():
    assert str(Fault('model', 'two\nlines')) == 'model: two\n    lines'
    assert str(Fault('', 'everything')) == 'everything'
