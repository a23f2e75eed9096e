import os
import signal
import time

import pytest
from engine_standins import standin_config
from forks import run, start

from mmalm.engine.lock import locked
from mmalm.engine.train import train
from mmalm.errors import ConfigError, TrainingError


def hold(folder, seconds=60):
    with locked(folder):
        (folder / 'held').touch()
        time.sleep(seconds)


@pytest.fixture
def holder(tmp_path):
    child = start(lambda: hold(tmp_path / 'run'), tmp_path / 'log')
    while not (tmp_path / 'run' / 'held').exists():
        time.sleep(0.01)
    yield child
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_second_run_is_refused_while_the_first_lives(tmp_path, holder):
    with pytest.raises(TrainingError, match=rf'in use by another run: process {holder} on .* since 20.*--work-dir'):
        train(standin_config(), tmp_path / 'run')
    assert not (tmp_path / 'run' / 'config.py').exists()


def test_the_lock_ends_with_its_process_and_is_not_inherited_by_what_that_started(tmp_path):
    def with_a_child():
        with locked(tmp_path / 'run'):
            if os.fork() == 0:  # as a worker that loads data
                time.sleep(3)
                os._exit(0)
            os.kill(os.getpid(), signal.SIGKILL)

    assert run(with_a_child, tmp_path / 'log').code == -signal.SIGKILL
    assert run(lambda: hold(tmp_path / 'run', 0), tmp_path / 'log').code == 0


def test_one_process_runs_twice_in_a_folder_but_not_at_once(tmp_path):
    for _ in range(2):
        second = pytest.raises(TrainingError, match='in use by another run of this process')
        with locked(tmp_path), second, locked(tmp_path):
            pass


def test_a_folder_made_for_nothing_goes_again_and_any_other_stays(tmp_path):
    with pytest.raises(ConfigError):
        train(standin_config(train_cfg=dict(max_epoch=1)), tmp_path / 'new' / 'run')
    with pytest.raises(ConfigError):
        train(standin_config(train_cfg=dict(max_epoch=1)), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ['.lock']


@pytest.mark.parametrize('place', ['/proc/run', 'file/run'])
def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_built(tmp_path, monkeypatch, place):
    (tmp_path / 'file').touch()
    monkeypatch.setattr('mmalm.engine.train.checked_config', None)
    with pytest.raises(TrainingError, match='cannot be written, so no run can be kept there: .* --work-dir'):
        train(standin_config(), tmp_path / place)


def test_a_read_only_folder_is_refused(tmp_path, monkeypatch):
    def read_only(*arguments):
        raise OSError(30, 'Read-only file system')

    monkeypatch.setattr('os.open', read_only)
    with pytest.raises(TrainingError, match='cannot be written, .* Read-only file system'), locked(tmp_path):
        pass
