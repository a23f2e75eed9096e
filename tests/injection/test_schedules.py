"""Schedules by hand, as in the published layouts, and refused where an injection could never happen."""

import pytest

from mmalm.errors import ConfigError
from mmalm.injection import Injection, make_plan
from mmalm.registry import SCHEDULES


def pairs(schedule: dict, layers: int, sources: int) -> list[tuple[int, int]]:
    plan = SCHEDULES.build(schedule).plan(layers, sources)
    return [(i.layer, i.source) for i in plan.injections]


def replace(**options) -> dict:
    return {'type': 'LayerwiseReplace', **options}


def test_published_layout_of_32_layers() -> None:
    found = pairs(replace(start=19, end=31), 32, 6)
    assert found == [(19 + i, i // 2) for i in range(12)]


def test_published_layout_inserts_once_and_stays() -> None:
    plan = SCHEDULES.build(replace(start=19, end=31)).plan(32, 6)
    assert [i.op for i in plan.injections] == ['insert'] + ['replace'] * 11
    assert plan.slots == ((),) * 19 + ((0,),) * 13
    assert plan.first_layer == 19


def test_select_higher_step_uses_each_source_once() -> None:
    found = pairs(replace(start=19, end=31, select_higher_step=True), 32, 6)
    assert found == [(20, 0), (22, 1), (24, 2), (26, 3), (28, 4), (30, 5)]


def test_text_step_counts_absolute_layers() -> None:
    assert pairs(replace(start=3, end=8, text_step=2, allow_unused_sources=True), 8, 2) == [(4, 0), (6, 1)]


def test_one_source_steps_by_one() -> None:
    assert pairs(replace(start=1, end=4), 4, 1) == [(1, 0), (2, 0), (3, 0)]


def test_end_is_the_depth_unless_told() -> None:
    assert pairs(replace(start=2), 4, 2) == [(2, 0), (3, 1)]


def test_remove_at_end() -> None:
    plan = SCHEDULES.build(replace(start=1, end=3, remove_at_end=True)).plan(5, 2)
    assert plan.injections[-1] == Injection(3, op='remove')
    assert plan.slots == ((), (0,), (0,), (), ())


def test_surplus_sources_only_when_told() -> None:
    with pytest.raises(ConfigError, match=r'sources \[2, 3\] of 4 are never injected.*allow_unused_sources'):
        pairs(replace(start=2, end=4), 4, 4)
    assert pairs(replace(start=2, end=4, allow_unused_sources=True), 4, 4) == [(2, 0), (3, 1)]


@pytest.mark.parametrize('options', [{'start': 19, 'end': 31}, {'start': 24}, {'start': 5, 'end': 5}, {'start': -1}])
def test_layers_the_model_lacks_are_refused(options: dict) -> None:
    with pytest.raises(ConfigError, match='24 layers'):
        pairs(replace(**options), 24, 6)


def test_range_without_a_multiple_of_text_step_injects_nothing() -> None:
    with pytest.raises(ConfigError, match='the schedule injects nothing'):
        pairs(replace(start=5, end=7, text_step=4), 8, 1)


def test_removal_after_the_last_layer_is_refused() -> None:
    with pytest.raises(ConfigError, match='remove_at_end'):
        pairs(replace(start=1, end=4, remove_at_end=True), 4, 1)


def test_input_prefix_inserts_every_source_in_order() -> None:
    plan = SCHEDULES.build({'type': 'InputPrefix', 'remove_at': 2}).plan(3, 2)
    assert [(i.layer, i.source, i.op, i.slot) for i in plan.injections] == [
        (0, 0, 'insert', 0),
        (0, 1, 'insert', 1),
        (2, 0, 'remove', 0),
        (2, 0, 'remove', 1),
    ]
    assert plan.slots == ((0, 1), (0, 1), ())


def test_single_layer() -> None:
    assert SCHEDULES.build({'type': 'SingleLayer', 'layer': 2}).plan(4, 1).slots == ((), (), (0,), (0,))
    with pytest.raises(ConfigError, match='layers 0 to 3, so this never happens'):
        SCHEDULES.build({'type': 'SingleLayer', 'layer': 4}).plan(4, 1)


def test_explicit_schedule_is_taken_as_written() -> None:
    schedule = {'type': 'ExplicitSchedule', 'injections': [(1, 1), {'layer': 3, 'source': 0, 'op': 'replace'}]}
    assert pairs(schedule, 4, 2) == [(1, 1), (3, 0)]
    with pytest.raises(ConfigError, match='cannot read'):
        SCHEDULES.build({'type': 'ExplicitSchedule', 'injections': [{'layr': 1}]})


@pytest.mark.parametrize(
    ('injections', 'fault'),
    [
        ([Injection(1, 0, 'replace')], 'slot 0 has not been inserted'),
        ([Injection(1), Injection(2)], 'use replace'),
        ([Injection(1), Injection(1, 0, 'replace')], 'changed twice before the layer sees it'),
        ([Injection(1, 3)], 'sources 0 to 0'),
        ([Injection(1, 0, 'insrt')], "Did you mean 'insert'"),
        ([], 'injects nothing'),
        ([Injection(1), Injection(2, op='remove'), Injection(3, op='remove')], 'has not been inserted'),
    ],
)
def test_impossible_injections_are_refused(injections: list[Injection], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        make_plan(injections, 4, 1)


def test_all_faults_are_reported_together() -> None:
    with pytest.raises(ConfigError) as caught:
        make_plan([Injection(9), Injection(2, 5)], 4, 2)
    assert 'layer 9' in str(caught.value) and 'source 5' in str(caught.value)


def test_a_slot_may_come_back_after_removal() -> None:
    plan = make_plan([Injection(0), Injection(1, op='remove'), Injection(2)], 4, 1)
    assert plan.slots == ((0,), (), (0,), (0,))


def test_drawing_folds_untouched_layers() -> None:
    drawing = SCHEDULES.build(replace(start=2, end=4)).plan(6, 2).draw()
    assert drawing.splitlines() == [
        'layer    perceptual tokens',
        '    0-1  -',
        '      2  * insert 0',
        '      3  * replace 1',
        '    4-5  o (stay)',
    ]


class TestCrossAttend:
    """Blocks of a connector, each attended to before one layer."""

    @pytest.mark.parametrize('options', [{'start': 1, 'every': 2}, {'layers': [1, 3]}])
    def test_each_block_has_its_layer_and_nothing_enters_the_sequence(self, options: dict) -> None:
        plan = SCHEDULES.build({'type': 'CrossAttend', **options}).plan(6, 2, attends=True)
        assert [(i.layer, i.source, i.op) for i in plan.injections] == [(1, 0, 'attend'), (3, 1, 'attend')]
        assert plan.slots == ((),) * 6 and plan.first_layer == 1 and not plan.inserts

    def test_drawn(self) -> None:
        drawing = SCHEDULES.build({'type': 'CrossAttend', 'start': 1, 'every': 2}).plan(5, 2, attends=True).draw()
        assert drawing.splitlines()[1:] == [
            '      0  -',
            '      1  x attend 0',
            '      2  -',
            '      3  x attend 1',
            '      4  -',
        ]

    def test_drawn_beside_tokens(self) -> None:
        injections = [Injection(1, 0), Injection(2, 1, 'attend'), Injection(3, 1, 'attend'), Injection(3, op='remove')]
        assert make_plan(injections, 4, 2, attended=[1]).draw().splitlines()[1:] == [
            '      0  -',
            '      1  * insert 0',
            '      2  ox attend 1',
            '      3  x attend 1, remove slot 0',
        ]

    @pytest.mark.parametrize(
        ('options', 'message'),
        [
            ({'start': 5, 'every': 2}, 'layers 0 to 5, so this never happens'),
            ({'layers': [1, 2, 3]}, 'names 3 layers, the connector has 2 blocks'),
            ({}, 'either start='),
            ({'start': 1, 'layers': [1, 2]}, 'either start='),
            ({'start': 1, 'every': 0}, 'every must be 1 or more'),
        ],
    )
    def test_what_cannot_be_is_refused(self, options: dict, message: str) -> None:
        with pytest.raises(ConfigError, match=message):
            SCHEDULES.build({'type': 'CrossAttend', **options}).plan(6, 2, attends=True)
