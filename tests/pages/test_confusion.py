from mmalm.pages.confusion import LARGEST, confusion_tables


def prediction(task, answer, ranked):
    return {'task': task, 'answer': answer, 'ranked': ranked}


def test_counts_and_shares_of_each_row():
    pairs = [('cat', 'cat'), ('cat', 'cat'), ('cat', 'dog'), ('dog', 'cow'), ('dog', 'dog')]
    (table,) = confusion_tables([prediction('kind', *pair) for pair in pairs])
    assert (table['task'], table['answers'], table['left_out']) == ('kind', ['cat', 'dog', 'cow'], 0)
    # nobody asked about a cow, so it has a column and no row
    assert [(row['answer'], row['total']) for row in table['rows']] == [('cat', 3), ('dog', 2)]
    assert [[cell['count'] for cell in row['cells']] for row in table['rows']] == [[2, 1, 0], [0, 1, 1]]
    assert table['rows'][0]['cells'][0] == {'predicted': 'cat', 'count': 2, 'share': 2 / 3, 'right': True}
    assert table['rows'][0]['cells'][1]['right'] is False


def test_one_table_a_task_and_none_for_open_questions():
    tables = confusion_tables([prediction('a', 'x', 'x'), prediction('b', 'y', 'z'), prediction('c', 'open', None)])
    assert [table['task'] for table in tables] == ['a', 'b']
    assert confusion_tables([prediction('a', None, 'x')]) == []


def test_large_sets_show_their_most_frequent_answers():
    names = [f'{n:02}' for n in range(LARGEST + 5)]
    (table,) = confusion_tables([prediction('kind', name, name) for name in [*names, *names[-3:]]])
    assert table['answers'][:3] == names[-3:] and len(table['answers']) == LARGEST and table['left_out'] == 5


def test_of_a_classifier():
    given = [{'task': 'entailment', 'answer': 'neutral', 'classified': guess} for guess in ('neutral', 'entailment')]
    (table,) = confusion_tables(given)
    cells = {cell['predicted']: cell['count'] for cell in table['rows'][0]['cells']}
    assert cells == {'neutral': 1, 'entailment': 1}
