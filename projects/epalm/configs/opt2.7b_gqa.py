"""eP-ALM on GQA (arXiv 2303.11403): OPT-2.7B and ViT-B/16; 0.90 % trains.

The recipe of configs/epalm/opt2.7b_vqa.py, which says what differs from the released code; 64 x 4 = 256 questions a step, 8 epochs.
"""

_base_ = [
    '../../../configs/_base_/default_runtime.py',
    '../../../configs/_base_/gqa.py',
    '../../../configs/_base_/epalm_opt2.7b.py',
]

precision = 'bf16'
optim_wrapper = dict(accumulate=4)
param_scheduler = dict(warmup=1600)
train_cfg = dict(max_epochs=8)

default_hooks = dict(checkpoint=dict(best='gqa/overall', rule='greater', interval_minutes=30))
