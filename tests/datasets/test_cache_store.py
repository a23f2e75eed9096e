import hashlib
import os
import pickle

import numpy as np
import pytest
from forks import DIED, run

from mmalm.datasets.cache_store import RowStore
from mmalm.errors import MissingDataError


def key(number):
    return hashlib.sha256(bytes([number])).hexdigest()


def rows(*numbers):
    return {key(n): np.full((2, 3), n, dtype=np.float32) for n in numbers}


def open_store(folder):
    return RowStore(folder, (2, 3), 'float32')


def test_rows_come_back_in_this_and_in_a_new_store(tmp_path):
    store = open_store(tmp_path)
    assert store.append(rows(1, 2)) == 2
    assert store.append(rows(2, 3)) == 1  # 2 is there already
    for opened in (store, open_store(tmp_path), pickle.loads(pickle.dumps(store))):
        assert len(opened) == 3
        assert [opened.read(key(n))[1, 2] for n in (1, 2, 3)] == [1, 2, 3]
    assert (tmp_path / 'rows.bin').stat().st_size == 3 * 24


def test_a_reader_takes_up_what_a_writer_completes(tmp_path):
    reader, writer = open_store(tmp_path), open_store(tmp_path)
    writer.append(rows(1))
    assert key(1) not in reader
    reader.refresh()
    assert reader.read(key(1))[0, 0] == 1
    writer.append(rows(2))
    reader.refresh()
    assert reader.read(key(2))[0, 0] == 2


@pytest.mark.parametrize('cut', [1, 40, 73, 74 + 5])
def test_a_kill_while_the_index_is_written_costs_only_incomplete_lines(tmp_path, cut):
    open_store(tmp_path).append(rows(1, 2, 3))
    index = tmp_path / 'index.txt'
    index.write_bytes(index.read_bytes()[:-cut])
    store = open_store(tmp_path)
    left = 3 - -(-cut // 74)
    assert len(store) == left
    assert store.append(rows(1, 2, 3, 4)) == 4 - left
    again = open_store(tmp_path)
    assert sorted(again.read(key(n))[0, 0] for n in (1, 2, 3, 4)) == [1, 2, 3, 4]
    assert index.stat().st_size == 4 * 74


@pytest.mark.parametrize('torn', [b'\0' * 100, b'\xff' * 7])
def test_a_kill_while_rows_are_written_leaves_nothing_that_counts(tmp_path, torn):
    open_store(tmp_path).append(rows(1))
    with open(tmp_path / 'rows.bin', 'ab') as file:
        file.write(torn)
    store = open_store(tmp_path)
    assert len(store) == 1
    store.append(rows(2))
    assert open_store(tmp_path).read(key(2))[0, 0] == 2
    assert (tmp_path / 'rows.bin').stat().st_size == 2 * 24


def test_blank_lines_after_a_power_cut_do_not_count(tmp_path):
    open_store(tmp_path).append(rows(1, 2))
    index = tmp_path / 'index.txt'
    index.write_bytes(index.read_bytes()[:74] + b'\0' * 74)
    store = open_store(tmp_path)
    assert key(1) in store and key(2) not in store
    store.append(rows(2))
    assert open_store(tmp_path).read(key(2))[0, 0] == 2


def test_a_damaged_row_is_noticed_and_can_be_written_again(tmp_path):
    store = open_store(tmp_path)
    store.append(rows(1, 2))
    data = bytearray((tmp_path / 'rows.bin').read_bytes())
    data[24] ^= 1
    (tmp_path / 'rows.bin').write_bytes(data)
    store = open_store(tmp_path)
    assert store.is_intact(key(1)) and not store.is_intact(key(2))
    with pytest.raises(MissingDataError, match='is damaged.*Fill it again'):
        store.read(key(2))
    assert store.append(rows(1, 2)) == 1
    assert open_store(tmp_path).read(key(2))[0, 0] == 2


def test_rows_that_were_cut_off_are_absent(tmp_path):
    open_store(tmp_path).append(rows(1, 2))
    with open(tmp_path / 'rows.bin', 'r+b') as file:
        file.truncate(30)
    store = open_store(tmp_path)
    assert key(1) in store and key(2) not in store


def test_a_row_of_another_shape_is_refused(tmp_path):
    with pytest.raises(ValueError, match='differ in shape'):
        open_store(tmp_path).append({key(1): np.zeros((2, 4))})


@pytest.mark.parametrize('call', [1, 2, 3, 4, 5, 6])
def test_a_writer_that_dies_anywhere_leaves_what_was_there_and_the_next_one_goes_on(tmp_path, call):
    """Each of two files is written, cut to length and brought to the disk."""
    open_store(tmp_path).append(rows(1))

    def die():
        left = [call]

        def dying(real):
            def function(*arguments):
                left[0] -= 1
                if not left[0]:
                    os._exit(DIED)
                return real(*arguments)

            return function

        os.pwrite, os.ftruncate, os.fsync = map(dying, (os.pwrite, os.ftruncate, os.fsync))
        open_store(tmp_path).append(rows(2, 3))

    assert run(die, tmp_path / 'log').code == DIED
    store = open_store(tmp_path)
    assert np.array_equal(store.read(key(1)), rows(1)[key(1)])
    assert all(key(n) not in store or store.is_intact(key(n)) for n in (2, 3))
    store.append(rows(2, 3))
    assert [open_store(tmp_path).read(key(n))[1, 2] for n in (1, 2, 3)] == [1, 2, 3]


def test_a_full_disk_costs_nothing_that_was_there(tmp_path, monkeypatch):
    store = open_store(tmp_path)
    store.append(rows(1))

    def full(*_):
        raise OSError(28, 'No space left on device')

    with monkeypatch.context() as patch:
        patch.setattr('os.pwrite', full)
        with pytest.raises(MissingDataError, match='(?s)could not be written: .*No space.*Make room, or name another'):
            store.append(rows(2))
    assert store.append(rows(2)) == 1
    assert [open_store(tmp_path).read(key(n))[1, 2] for n in (1, 2)] == [1, 2]
