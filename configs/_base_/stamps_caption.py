"""The stamps' captions ('A great blue heron.'), and how every method of the comparison is trained on them."""

_base_ = ['default_runtime.py']

feature_cache = dict(enabled=True, dtype='float16')

_data = dict(type='StampsDataset', tasks=('caption',))
train_dataloader = dict(batch_size=8, shuffle=True, dataset=dict(split='train', limit=432, **_data))
val_dataloader = dict(batch_size=32, shuffle=False, dataset=dict(split='val', limit=96, **_data))
test_dataloader = dict(batch_size=32, shuffle=False, dataset=dict(split='test', limit=96, **_data))

optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.02), clip_norm=1.0)
param_scheduler = dict(type='WarmupCosine', warmup=10)
train_cfg = dict(max_epochs=2)  # 108 steps

metrics = [dict(type='CaptionScores')]
baselines = [dict(type='ConsensusAnswer'), dict(type='NearestAnswer')]
controls = dict(shuffled_media=True)

default_hooks = dict(checkpoint=dict(best='generated/cider', rule='greater'))
