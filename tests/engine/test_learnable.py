"""A vocabulary of other data is refused before a run that would learn nothing, and one that lacks some answers is told of."""

import pytest
from mmengine.config import Config
from tiny_dvp import write_dvp
from torch import nn
from torch.utils.data import Dataset

from mmalm.config import load_config
from mmalm.engine.learnable import LOOKED_AT, refuse_unlearnable
from mmalm.engine.train import train
from mmalm.errors import ConfigError
from mmalm.heads import ClassificationHead
from mmalm.search.run import search


class Questions(Dataset):
    def __init__(self, answers):
        self.answers, self.read = answers, []

    def __len__(self):
        return len(self.answers)

    def __getitem__(self, index):
        self.read.append(index)
        return {'question': 'what', 'answer': self.answers[index]}


def model(answers=('yes', 'no')) -> nn.Module:
    found = nn.Module()
    found.head = ClassificationHead(4, list(answers), hidden=4)
    return found


def test_answers_of_other_data_are_refused():
    with pytest.raises(
        ConfigError, match=r"(?s)none of 2 training questions .*'(cat|dog)'.*among the 2 of .*'yes', 'no'"
    ):
        refuse_unlearnable(model(), Questions(['cat', 'dog']), 'train_dataloader', 0)


def test_some_that_are_lacking_are_told(capsys):
    refuse_unlearnable(model(), Questions(['cat', 'yes', 'no', 'yes']), 'train_dataloader', 0)
    assert "1 of 4 training questions looked at have no answer ('cat', ..)" in capsys.readouterr().out
    refuse_unlearnable(model(), Questions(['yes', 'no']), 'train_dataloader', 0)
    assert capsys.readouterr().out == ''


def test_not_all_of_many_questions_are_read():
    questions = Questions(['yes'] * 5000)
    refuse_unlearnable(model(), questions, 'train_dataloader', 0)
    assert len(set(questions.read)) == LOOKED_AT


def test_heads_that_learn_from_any_answer_are_left_alone():
    questions = Questions(['cat'])
    refuse_unlearnable(nn.Module(), questions, 'train_dataloader', 0)
    assert questions.read == []


@pytest.mark.parametrize('run', [train, search])
def test_no_run_is_begun_and_no_feature_computed(tmp_path, run):
    config: Config = load_config(write_dvp(tmp_path))
    config.model.head.answers = ['left', 'right']
    with pytest.raises(ConfigError, match='nothing can be learnt'):
        run(config, tmp_path / 'run')
    assert not (tmp_path / 'run').exists() and not (tmp_path / 'features').exists()
