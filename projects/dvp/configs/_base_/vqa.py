"""VQA v2 for DVP: 3,129 answers, soft targets; 256 questions a step, 10 epochs."""

_base_ = [
    '../../../../configs/_base_/default_runtime.py',
    '../../../../configs/_base_/vqav2_classification.py',
]

precision = 'bf16'
_data = dict(transform=dict(resize='crop'))
train_dataloader = dict(batch_size=256, dataset=_data)
val_dataloader = dict(batch_size=256, dataset=_data)
test_dataloader = dict(batch_size=256, dataset=_data)
param_scheduler = dict(type='WarmupLinear', warmup=0.1)
train_cfg = dict(max_epochs=10)
default_hooks = dict(checkpoint=dict(best='vqa/overall', rule='greater', interval_minutes=30))
