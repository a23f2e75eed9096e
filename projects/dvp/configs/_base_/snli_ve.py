"""SNLI-VE for DVP: 256 hypotheses a step, 5 epochs."""

_base_ = [
    '../../../../configs/_base_/default_runtime.py',
    '../../../../configs/_base_/snli_ve.py',
]

precision = 'bf16'
_data = dict(transform=dict(resize='crop'))
train_dataloader = dict(batch_size=256, dataset=_data)
val_dataloader = dict(batch_size=256, dataset=_data)
test_dataloader = dict(batch_size=256, dataset=_data)
param_scheduler = dict(type='WarmupLinear', warmup=0.2)
train_cfg = dict(max_epochs=5)
default_hooks = dict(checkpoint=dict(best='classified/overall', rule='greater', interval_minutes=30))
