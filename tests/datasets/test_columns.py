from mmalm.datasets.columns import Column, ListColumn


def test_column():
    column = Column()
    column.add(['b', 'a ', 'b'])
    column.add(['c', 'a '])
    assert [column[i] for i in range(len(column))] == ['b', 'a ', 'b', 'c', 'a ']
    assert column.distinct == ['b', 'a ', 'c'] and column.codes.tolist() == [0, 1, 0, 2, 1]
    column.clean(str.strip)
    assert [column[i] for i in (1, 4)] == ['a', 'a']


def test_lists():
    lists = ListColumn()
    lists.add(['x', 'y', 'x'], [2, 0, 1])
    lists.add((), [0])
    lists.add(['z', 'y'], [2])
    assert [lists[i] for i in range(len(lists))] == [['x', 'y'], [], ['x'], [], ['z', 'y']]
    assert lists.span(4) == slice(3, 5) and lists.lengths().tolist() == [2, 0, 1, 0, 2]
