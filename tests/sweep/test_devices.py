"""How runs side by side share cores and GPUs."""

import pytest

from mmalm.sweep import devices


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    monkeypatch.delenv('OMP_NUM_THREADS', raising=False)
    monkeypatch.setattr(devices, 'cores', lambda: 6)
    monkeypatch.setattr(devices, 'visible_devices', lambda: ())


def test_one_run_has_the_machine():
    assert devices.environment(0, 1) == {}


@pytest.mark.parametrize(('jobs', 'threads'), [(2, '3'), (4, '1'), (12, '1')])
def test_cores_are_divided(jobs, threads):
    assert devices.environment(jobs - 1, jobs) == {'OMP_NUM_THREADS': threads}


def test_a_number_of_threads_that_is_given_stands(monkeypatch):
    monkeypatch.setenv('OMP_NUM_THREADS', '5')
    assert devices.environment(0, 2) == {}


def test_gpus_go_round(monkeypatch):
    monkeypatch.setattr(devices, 'visible_devices', lambda: ('3', '5'))
    assert [devices.environment(slot, 3)['CUDA_VISIBLE_DEVICES'] for slot in range(3)] == ['3', '5', '3']


def test_gpus_the_user_named(monkeypatch):
    monkeypatch.undo()
    devices.visible_devices.cache_clear()
    monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '2, 7')
    assert devices.visible_devices() == ('2', '7')
    devices.visible_devices.cache_clear()
