"""GQA for DVP: 256 questions a step, 10 epochs. The classes are the 1,842 answers of the balanced training and validation
questions, which tools/prepare_data.py writes down; the released code's list has 1,843."""

_base_ = [
    '../../../../configs/_base_/default_runtime.py',
    '../../../../configs/_base_/gqa_classification.py',
]

precision = 'bf16'
_data = dict(vocabulary='data/gqa/trainval_label2ans.json', transform=dict(resize='crop'))
train_dataloader = dict(batch_size=256, dataset=_data)
val_dataloader = dict(batch_size=256, dataset=_data)
test_dataloader = dict(batch_size=256, dataset=_data)
param_scheduler = dict(type='WarmupLinear', warmup=0.1)
train_cfg = dict(max_epochs=10)
default_hooks = dict(checkpoint=dict(best='gqa/overall', rule='greater', interval_minutes=30))
