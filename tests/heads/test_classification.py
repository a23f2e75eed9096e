"""Classification: what is read, what is lost, what is predicted."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from mmalm.errors import ConfigError, MissingDataError
from mmalm.heads import ClassificationHead
from mmalm.heads.classifier import Classifier

ANSWERS = ['yes', 'no', 'two', 'red']


class Reader(nn.Module):
    """In place of a language model: its state at a place is the id there, and what was injected."""

    pad_id = 0

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.spans: list = []

    def encode_question(self, texts: list[str], max_tokens: int | None = None) -> list[list[int]]:
        return [[len(word) for word in text.split()][:max_tokens] for text in texts]

    def states(self, ids: torch.Tensor, mask: torch.Tensor, *, injection: object = None) -> torch.Tensor:
        return self.weight * ids[:, :, None].float().expand(-1, -1, 6)

    def feature(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return states[torch.arange(len(states)), mask.sum(1) - 1]

    def context(self, span: torch.Tensor) -> None:
        self.spans.append(span)


def build(**options) -> ClassificationHead:
    torch.manual_seed(0)
    head = ClassificationHead(6, ANSWERS, **{'hidden': 16, **options})
    for parameter in head.parameters():
        nn.init.normal_(parameter)
    return head


def batch(**more) -> dict:
    return {'question': ['is it', 'how many are there', 'what colour'], 'answer': ['no', 'two', 'red'], **more}


def expected_logits(head: ClassificationHead, last: list[float]) -> torch.Tensor:
    return head.classifier(torch.tensor(last)[:, None].expand(-1, 6))


def test_what_is_read() -> None:
    head, lm = build(), Reader()
    torch.testing.assert_close(head.logits(lm, batch(), lm.context), expected_logits(head, [2.0, 5.0, 6.0]))
    assert [span.tolist() for span in lm.spans] == [
        [[True, True, False, False], [True] * 4, [True, True, False, False]]
    ]
    short = build(max_tokens=2, question_format='well {question}')
    torch.testing.assert_close(short.logits(lm, batch(), lm.context), expected_logits(short, [2.0, 3.0, 4.0]))


def test_cross_entropy_of_what_the_vocabulary_has() -> None:
    head, lm = build(), Reader()
    logp = expected_logits(head, [2.0, 5.0, 6.0]).log_softmax(-1)
    found = head.loss(lm, batch(), lm.context)
    torch.testing.assert_close(found['loss'], -(logp[0, 1] + logp[1, 2] + logp[2, 3]) / 3)
    assert found['weight'] == 3
    partly = head.loss(lm, batch(answer=['no', 'seven', 'red']), lm.context)
    torch.testing.assert_close(partly['loss'], -(logp[0, 1] + logp[2, 3]) / 2)
    assert partly['weight'] == 2
    nothing = head.loss(lm, batch(answer=['a', 'b', 'c']), lm.context)
    assert nothing['loss'] == 0 and nothing['weight'] == 0
    nothing['loss'].backward()


def test_soft_answers() -> None:
    head, lm = build(loss='soft_bce'), Reader()
    soft = [{'no': 1.0, 'maybe': 0.3}, {'two': 0.6, 'yes': 0.3}, {'blue': 0.9}]
    logits = expected_logits(head, [2.0, 5.0, 6.0])
    targets = torch.tensor([[0, 1.0, 0, 0], [0.3, 0, 0.6, 0]])
    each = nn.functional.binary_cross_entropy_with_logits(logits[:2], targets, reduction='none').sum(1)
    found = head.loss(lm, batch(soft_answers=soft), lm.context)
    torch.testing.assert_close(found['loss'], each.mean())
    assert found['weight'] == 2
    # the released code's: the mean over samples and answers, times the number of answers
    released = 4 * nn.functional.binary_cross_entropy_with_logits(logits[:2], targets)
    torch.testing.assert_close(found['loss'], released)
    with pytest.raises(ConfigError, match="'soft_answers'"):
        head.loss(lm, batch(), lm.context)


@pytest.mark.parametrize(('loss', 'share'), [('cross_entropy', torch.softmax), ('soft_bce', lambda x, _: x.sigmoid())])
def test_predictions(loss: str, share: Callable) -> None:
    head, lm = build(loss=loss, keep_scores=2), Reader()
    logits = expected_logits(head, [2.0, 5.0, 6.0]).detach()
    for row, prediction in zip(logits, head.predict(lm, batch(), lm.context), strict=True):
        assert prediction['classified'] == ANSWERS[int(row.argmax())]
        assert list(prediction['scores'])[0] == prediction['classified'] and len(prediction['scores']) == 2
        assert prediction['scores'][prediction['classified']] == pytest.approx(share(row, -1).max().item())


def test_vocabulary_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / 'vocabulary.json'
    with pytest.raises(MissingDataError):
        ClassificationHead(6, str(file), classes=3)
    with torch.device('meta'):
        waiting = ClassificationHead(768, str(file), classes=3129)
    assert sum(p.numel() for p in waiting.parameters()) == 5_993_529
    file.write_text(json.dumps({'answers': ANSWERS, 'count': 4, 'rule': 'all', 'source': {}}))
    assert ClassificationHead(6, str(file), classes=4).answers == tuple(ANSWERS)
    with pytest.raises(ConfigError, match=r'classes=5.*has 4 answers'):
        ClassificationHead(6, str(file), classes=5)
    file.write_text('[]')
    with pytest.raises(ConfigError, match='no answer'):
        ClassificationHead(6, str(file))


def test_values_that_cannot_be() -> None:
    for options, message in (({'loss': 'mse'}, "'mse'"), ({'question_format': 'what'}, 'no {question}')):
        with pytest.raises(ConfigError, match=message):
            build(**options)
    with pytest.raises(ConfigError, match="twice, such as 'a'"):
        ClassificationHead(6, ['a', 'b', 'a'])


def test_shrunk(tmp_path: Path) -> None:
    small = ClassificationHead(6, **ClassificationHead.shrink({'answers': 'nowhere.json', 'classes': 3129}, tmp_path))
    assert {'yes', 'no'} <= set(small.answers) and isinstance(small.classifier, Classifier)
    assert ClassificationHead.shrink({'answers': ANSWERS}, tmp_path)['answers'] == ANSWERS


def test_what_has_no_loss_is_known_beforehand() -> None:
    head = build()
    assert head.learns_from({'answer': 'no'}) and not head.learns_from({'answer': 'left'})
    soft = build(loss='soft_bce')
    assert soft.learns_from({'answer': 'left', 'soft_answers': {'left': 1.0, 'no': 0.3}})
    assert not soft.learns_from({'answer': 'no', 'soft_answers': {'left': 1.0, 'no': 0.0}})
    with pytest.raises(ConfigError, match="'soft_answers'"):
        soft.learns_from({'answer': 'no'})


def test_one_answer_is_no_choice() -> None:
    with pytest.raises(ConfigError, match="2 answers or more, found 'yes' alone"):
        ClassificationHead(6, ['yes'])
