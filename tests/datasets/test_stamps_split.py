from collections import Counter

from mmalm.datasets.stamps_split import split_of

# of seed 0; scores of different releases compare only while this holds
FROZEN = ['train', 'train', 'test', 'test', 'val', 'test']


def test_equal_captions_are_on_one_side():
    spellings = ['A rocket.', 'a Rocket', 'A rocket 2.', 'A rocket!!', '“A rocket.”', 'A  rocket 17']
    for seed in range(20):
        assert len({split_of(f'x/{i}.png', text, seed) for i, text in enumerate(spellings)}) == 1


def test_other_captions_are_not_tied_to_it():
    assert len({split_of('x.png', 'A rocket.', seed) for seed in range(20)}) == 3
    assert any(split_of('x.png', 'A rocket.', s) != split_of('x.png', 'A rocket ship.', s) for s in range(20))


def test_drawings_that_differ_in_a_colour_are_on_one_side():
    eyes = ['people/body_parts/eye_blue_left.svg', 'people/body_parts/eye_brown_left.svg']
    for seed in range(20):
        assert len({split_of(path, f'{i} eye {"xy"[i]}', seed) for i, path in enumerate(eyes)}) == 1


def test_shares():
    names = [f'A thing {chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}.' for i in range(4000)]
    counts = Counter(split_of('x.png', name, 0) for name in names)
    # within 3.5 standard deviations of 65, 15 and 20 %
    assert abs(counts['train'] - 2600) < 106 and abs(counts['val'] - 600) < 80 and abs(counts['test'] - 800) < 89


def test_it_is_the_same_for_ever():
    captions = ['A great blue heron.', 'A strawberry.', 'A fire truck.', 'A lion.', 'A flower.', 'A spider.']
    assert [split_of('x.png', caption, 0) for caption in captions] == FROZEN
    assert [split_of('x.png', caption, 1) for caption in captions] != FROZEN
