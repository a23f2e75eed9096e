from mmalm.datasets.hash_split import SHARES, SPLITS, TURNS, split_of_group

NAMES = [f'text {number}' for number in range(2000)]


def test_shares_are_as_stated():
    counts = [sum(split_of_group(name, 0) == split for name in NAMES) / len(NAMES) for split in SPLITS]
    for found, low, high in zip(counts, (0, *SHARES), SHARES, strict=False):
        assert abs(found - (high - low)) < 0.03


def test_test_splits_of_the_turns_share_nothing_and_are_all():
    tested = [{name for name in NAMES if split_of_group(name, 3, turn) == 'test'} for turn in range(TURNS)]
    assert sum(map(len, tested)) == len(set.union(*tested)) == len(NAMES)


def test_the_seed_decides():
    assert [split_of_group(name, 0) for name in NAMES] == [split_of_group(name, 0, 0) for name in NAMES]
    assert [split_of_group(name, 0) for name in NAMES] != [split_of_group(name, 1) for name in NAMES]
