from mmalm.pages.terminal import print_answers


def test_ranked_answers_with_the_runner_up(capsys):
    scores = {'cat': -1.0, 'dog': -1.0 - 1.0986}
    row = {'file': 'a.png', 'ranked': 'cat', 'generated': None, 'scores': scores}
    print_answers('What [bold]is it?', [row, row | {'file': 'b[red].png', 'scores': {'cat': -3.0}}])
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[0] == ['What', '[bold]is', 'it?']
    assert lines[1] == ['file', 'answer', 'share', 'log-prob', 'runner-up']
    assert lines[3] == ['a.png', 'cat', '75%', '-1.00', 'dog', '25%']
    assert lines[4] == ['b[red].png', 'cat', '100%', '-3.00']


def test_generated_answers(capsys):
    print_answers('What is it?', [{'file': 'a.png', 'ranked': None, 'generated': '', 'scores': {}}])
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[1] == ['file', 'answer'] and lines[3] == ['a.png', '(nothing)']
