"""Your own pictures, videos or sounds (docs/data.md), for any method.

data/mine/train.jsonl and val.jsonl, and test.jsonl for the end alone.
"""

_base_ = ['default_runtime.py']

feature_cache = dict(enabled=True)

_data = dict(type='JsonlDataset', root='data/mine', modality='image')
train_dataloader = dict(batch_size=16, shuffle=True, dataset=dict(split='train', **_data))
val_dataloader = dict(batch_size=16, shuffle=False, dataset=dict(split='val', **_data))
test_dataloader = dict(batch_size=16, shuffle=False, dataset=dict(split='test', **_data))

optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.02), clip_norm=1.0)
param_scheduler = dict(type='WarmupCosine', warmup=0.05)
train_cfg = dict(max_epochs=8, val_interval=2)

# for captions: dict(type='CaptionScores'), and best='generated/cider'
metrics = [dict(type='AnswerAccuracy', modes=['generated'])]
controls = dict(shuffled_media=True)
default_hooks = dict(checkpoint=dict(best='generated/overall', rule='greater'))
