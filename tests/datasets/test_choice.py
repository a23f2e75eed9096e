import pytest

from mmalm.datasets.choice import choose_rows
from mmalm.datasets.rows import Row, RowTable
from mmalm.errors import ConfigError

# of seed 0; scores of different releases compare only while this holds
FROZEN = [13, 94, 121, 152, 163, 323, 368, 380, 389, 472]


def table(media):
    return RowTable(Row(f'q{number}', name, 'vqa', 'What?', ('a',)) for number, name in enumerate(media))


@pytest.fixture
def pictures():
    """500 pictures, two questions about each."""
    return table([f'{i // 2}.jpg' for i in range(1000)])


def chosen(rows, fold='all', limit=None, seed=0, **arguments):
    return choose_rows(rows, fold, limit, seed, 'D', **arguments).tolist()


def test_two_of_a_hundred_pictures_are_held_out(pictures):
    held, fit = chosen(pictures, 'held_out'), chosen(pictures, 'fit')
    assert len(held) == 20 and sorted(held + fit) == list(range(1000))
    assert {row // 2 for row in held}.isdisjoint(row // 2 for row in fit)
    assert sorted({row // 2 for row in held}) == FROZEN


@pytest.mark.parametrize('limit_of', ['media', 'questions'])
def test_a_limit_is_within_the_fold(pictures, limit_of):
    held = set(chosen(pictures, 'held_out'))
    assert set(chosen(pictures, 'held_out', 7, limit_of=limit_of)) < held
    assert len(chosen(pictures, 'held_out', 0.5, limit_of=limit_of)) == 10
    assert len(chosen(pictures, 'fit', 0.001, limit_of='questions')) == 1


def test_a_limit_of_media_keeps_all_their_questions(pictures):
    rows = chosen(pictures, limit=0.01)
    assert len(rows) == 10 and len({row // 2 for row in rows}) == 5
    assert len(chosen(pictures, limit=30)) == 60
    assert len(chosen(pictures, limit=30, limit_of='questions')) == 30


@pytest.mark.parametrize('limit_of', ['media', 'questions'])
def test_smaller_limits_lie_within_larger_ones_and_seeds_differ(pictures, limit_of):
    parts = [set(chosen(pictures, limit=limit, limit_of=limit_of)) for limit in (0.01, 0.1, 400)]
    assert parts[0] < parts[1] < parts[2]
    assert parts[1] != set(chosen(pictures, limit=0.1, seed=1, limit_of=limit_of))


@pytest.mark.parametrize('limit_of', ['media', 'questions'])
def test_the_order_of_a_file_changes_no_choice(pictures, limit_of):
    order = list(range(999, -1, -1))
    turned = RowTable(pictures[row] for row in order)
    kept = {turned.ids[row] for row in chosen(turned, limit=50, limit_of=limit_of)}
    assert kept == {pictures.ids[row] for row in chosen(pictures, limit=50, limit_of=limit_of)}


def test_nothing_left():
    with pytest.raises(ConfigError, match="D: fold='fit' and limit=None leave none of 2 questions"):
        chosen(table(['a.jpg', 'a.jpg']), 'fit')


@pytest.mark.parametrize('limit', [0, -1, 0.0, 1.5, True, '9'])
def test_no_limit(pictures, limit):
    with pytest.raises(ConfigError, match='D: limit is a number of media from 1 on, or a part .* found'):
        chosen(pictures, limit=limit)


def test_a_share_of_questions_is_the_papers(pictures):
    # 512 shots are 512 questions, whichever pictures they are about; 1 % is one question in a hundred
    assert len(chosen(pictures, limit=512, limit_of='questions')) == 512
    assert len(chosen(pictures, limit=0.01, limit_of='questions')) == 10
