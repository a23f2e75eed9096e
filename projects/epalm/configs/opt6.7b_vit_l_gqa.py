"""eP-ALM pt-L on GQA (arXiv 2303.11403, table 1: 42.91): OPT-6.7B and ViT-L/16; 0.06 % trains; 64 questions a step, 35 epochs."""

_base_ = [
    '../../../configs/_base_/default_runtime.py',
    '../../../configs/_base_/gqa.py',
    '../../../configs/_base_/epalm_opt6.7b_vit_l.py',
]

precision = 'bf16'
train_dataloader = dict(batch_size=16)
optim_wrapper = dict(accumulate=4)
param_scheduler = dict(warmup=1600)

default_hooks = dict(checkpoint=dict(best='gqa/overall', rule='greater', interval_minutes=30))
