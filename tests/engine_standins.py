"""A model, data and configs small enough to train in milliseconds: a frozen encoder, a trained connector."""

import torch
from mmengine.config import Config
from torch import nn
from torch.utils.data import Dataset

from mmalm.encoders.perception import Perception
from mmalm.engine.data import make_loader
from mmalm.registry import BASELINES, DATASETS, MODELS
from mmalm.tuning.whitelist import Whitelisted

KINDS = ['animal', 'plant', 'tool']


class StandInEncoder(nn.Module):
    takes = 'pixels'

    def __init__(self, width: int):
        super().__init__()
        self.linear, self.dropout = nn.Linear(4, width), nn.Dropout(0.5)

    def forward(self, pixels):
        return Perception(self.dropout(self.linear(pixels))[:, None])


@MODELS.register_module()
class StandInModel(Whitelisted, nn.Module):
    """A frozen encoder with dropout, a trained 'connector' and a trained 'soft_prompt'."""

    def __init__(self, width: int = 6, dropout: float = 0.2, bad_step: int | None = None, trainable=None, expect=None):
        super().__init__()
        self.encoder = StandInEncoder(width)
        # frozen weights do not depend on the seed, like a downloaded model's
        with torch.no_grad():
            self.encoder.linear.weight.copy_(torch.arange(4 * width).reshape(width, 4).sin())
            self.encoder.linear.bias.zero_()
        self.connector = nn.Sequential(nn.Linear(width, 3), nn.Dropout(dropout))
        self.soft_prompt = nn.Embedding(1, 3)
        self.bad_step, self.step = bad_step, 0
        self.set_trainable(trainable or ['connector.*', 'soft_prompt.*'], expect=expect)

    def base_models(self):
        return {'encoder': {'name': 'stand-in', 'fingerprint': f'{self.encoder.linear.weight.sum().item():.6f}'}}

    def logits(self, batch):
        return self.connector(self.encoder(batch['pixels']).cls[:, 0]) + self.soft_prompt.weight

    def loss(self, batch):
        self.step += 1
        target = torch.tensor([KINDS.index(a) for a in batch['answer']])
        loss = nn.functional.cross_entropy(self.logits(batch), target)
        return {'loss': loss * float('nan') if self.step == self.bad_step else loss, 'weight': len(target)}

    def predict(self, batch):
        best = self.logits(batch).argmax(1).tolist()
        return [
            {'id': i, 'task': t, 'question': q, 'answer': a, 'ranked': KINDS[k], 'generated': f' {KINDS[k].title()}.'}
            for i, t, q, a, k in zip(batch['id'], batch['task'], batch['question'], batch['answer'], best, strict=True)
        ]


@DATASETS.register_module()
class StandInDataset(Dataset):
    """Points around one centre a kind; ``jitter`` draws from torch's generator at every access."""

    def __init__(self, split: str, size: int = 12, jitter: float = 0.1, shuffle_media: int | None = None):
        generator = torch.Generator().manual_seed({'train': 0, 'val': 1, 'test': 2}[split])
        self.kinds = [i % 3 for i in range(size)]
        self.points = torch.eye(4)[self.kinds] * 3 + 0.3 * torch.randn(size, 4, generator=generator)
        if shuffle_media is not None:
            self.points = self.points.roll(1, 0)
        self.split, self.jitter = split, jitter
        self.notes = [f'{size} points']

    def __len__(self):
        return len(self.kinds)

    def __getitem__(self, i):
        noise = self.jitter * torch.randn(4) if self.jitter else 0
        kind = KINDS[self.kinds[i]]
        return {
            'id': f'{self.split}{i}',
            'media': str(i),
            'pixels': self.points[i] + noise,
            'task': 'kind' if i % 2 else 'name',
            'question': 'What is it?',
            'answer': kind,
            'answers': KINDS,
        }


@BASELINES.register_module()
class AlwaysFirst:
    """Answers what the first training sample was."""

    def fit(self, features, answers, val_features, val_answers):
        assert features.shape[1] == val_features.shape[1]
        self.answer = answers[0]

    def predict(self, features):
        return [self.answer] * len(features)


def standin_loader(split: str = 'train', batch_size: int = 4, shuffle: bool = True, **arguments):
    return make_loader(StandInDataset(split, **arguments), seed=0, batch_size=batch_size, shuffle=shuffle)


def standin_config(**changes) -> Config:
    """A config that trains for 2 epochs of 3 steps."""

    def loader(split, shuffle):
        return dict(batch_size=4, shuffle=shuffle, dataset=dict(type='StandInDataset', split=split))

    return Config(
        dict(
            model=dict(type='StandInModel'),
            train_dataloader=loader('train', True),
            val_dataloader=loader('val', False),
            test_dataloader=loader('test', False),
            train_cfg=dict(max_epochs=2),
            optim_wrapper=dict(
                optimizer=dict(type='AdamW', lr=0.1),
                groups=[dict(patterns=['soft_prompt.*'], lr=0.01, schedule=False)],
                clip_norm=1.0,
            ),
            param_scheduler=dict(type='WarmupCosine', warmup=2),
            metrics=[dict(type='AnswerAccuracy')],
            baselines=[dict(type='AlwaysFirst')],
            controls=dict(shuffled_media=True),
            default_hooks=dict(
                checkpoint=dict(type='CheckpointHook', best='ranked/overall'),
                record=dict(type='RecordHook', interval=1),
                progress=dict(type='ProgressHook', interval=3),
            ),
            seed=3,
        )
        | changes
    )
