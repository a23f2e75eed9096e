"""The stamps' kind (animal, food, vehicle, ...) asked for, and how every method of the comparison is trained on it."""

_base_ = ['default_runtime.py']

feature_cache = dict(enabled=True, dtype='float16')

_data = dict(type='StampsDataset', tasks=('kind',))
train_dataloader = dict(batch_size=8, shuffle=True, dataset=dict(split='train', **_data))
val_dataloader = dict(batch_size=32, shuffle=False, dataset=dict(split='val', **_data))
test_dataloader = dict(batch_size=32, shuffle=False, dataset=dict(split='test', **_data))

optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.02), clip_norm=1.0)
param_scheduler = dict(type='WarmupCosine', warmup=10)
train_cfg = dict(max_epochs=2, val_interval=2)  # 108 steps

metrics = [dict(type='AnswerAccuracy')]
baselines = [dict(type='MajorityAnswer')]
controls = dict(shuffled_media=True)

default_hooks = dict(checkpoint=dict(best='ranked/overall', rule='greater'))
