from collections import Counter

from mmalm.pages.counts import count_samples, distribution, lengths


def sample(media, task, question, answer, answers=()):
    return {'media': media, 'task': task, 'question': question, 'answer': answer, 'answers': list(answers)}


def test_counts_by_task():
    samples = [
        sample('a', 'kind', 'What is it?', 'bird', ['bird', 'fish', 'car']),
        sample('b', 'kind', 'What is it?', 'bird', ['bird', 'fish', 'car']),
        sample('b', 'kind', 'And this one?', 'fish', ['bird', 'fish', 'car']),
        sample('a', 'caption', 'Describe.', 'A small bird.'),
    ]
    counts = count_samples(samples)
    assert (counts['samples'], counts['pictures']) == (4, 2)
    kind, caption = counts['tasks']
    names = ('task', 'samples', 'pictures', 'questions', 'answers', 'closed')
    assert [kind[name] for name in names] == ['kind', 3, 2, 2, 2, 3]
    assert [caption[name] for name in names] == ['caption', 1, 1, 1, 1, None]
    # an answer of the set that is never given is shown with 0
    assert [(row['answer'], row['count']) for row in kind['distribution']['rows']] == [
        ('bird', 2),
        ('fish', 1),
        ('car', 0),
    ]
    assert kind['lengths']['question']['text'] == '3' and caption['lengths']['answer']['text'] == '3'


def test_samples_without_an_answer_have_none_to_count():
    (task,) = count_samples([sample('a', 'vqa', 'What?', None)])['tasks']
    assert task['answers'] == 0 and task['distribution'] == {'rows': [], 'others': 0, 'rest': 0}
    assert task['lengths']['answer'] == {'text': 'none', 'columns': []}


def test_the_most_frequent_answers_and_what_is_left():
    found = distribution(Counter(a=6, b=3, c=2, d=1), shown=2)
    assert found['rows'] == [
        {'answer': 'a', 'count': 6, 'share': 0.5, 'width': 1.0},
        {'answer': 'b', 'count': 3, 'share': 0.25, 'width': 0.5},
    ]
    assert (found['others'], found['rest']) == (2, 3)


def test_lengths_in_words():
    found = lengths(Counter({'one': 3, 'one two': 1, 'one two three four': 2}))
    assert found['text'] == '1–4, mean 2.2'
    assert [(c['label'], c['count'], c['height']) for c in found['columns']] == [
        ('1', 3, 1.0),
        ('2', 1, 1 / 3),
        ('3', 0, 0.0),
        ('4', 2, 2 / 3),
    ]


def test_many_lengths_share_columns():
    found = lengths(Counter({' '.join(['word'] * n): 1 for n in range(1, 26)}))
    assert len(found['columns']) == 9 and found['columns'][0]['label'] == '1–3'
    assert sum(column['count'] for column in found['columns']) == 25
