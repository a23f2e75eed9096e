from mmalm.datasets.vqa_table import TextLists, Texts


def test_texts():
    texts = Texts()
    texts.add(['b', 'a ', 'b'])
    texts.add(['c', 'a '])
    assert [texts[i] for i in range(len(texts))] == ['b', 'a ', 'b', 'c', 'a ']
    assert texts.distinct == ['b', 'a ', 'c'] and texts.codes.tolist() == [0, 1, 0, 2, 1]
    texts.clean(str.strip)
    assert [texts[i] for i in (1, 4)] == ['a', 'a']


def test_lists():
    lists = TextLists()
    lists.add(['x', 'y', 'x'], [2, 0, 1])
    lists.add((), [0])
    lists.add(['z', 'y'], [2])
    assert [lists[i] for i in range(len(lists))] == [['x', 'y'], [], ['x'], [], ['z', 'y']]
    assert lists.span(4) == slice(3, 5)
