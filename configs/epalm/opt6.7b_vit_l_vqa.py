"""eP-ALM pt-L on VQA v2 (arXiv 2303.11403): OPT-6.7B and ViT-L/16, one shared connector, soft prompt without MLP; 0.06 % trains.

python tools/train.py configs/epalm/opt6.7b_vit_l_vqa.py

What differs from the released code stands in opt2.7b_vqa.py, and besides: the release chose and reported on the same split.
"""

_base_ = ['../_base_/default_runtime.py', '../_base_/vqav2.py', '../_base_/epalm_opt6.7b_vit_l.py']

precision = 'bf16'
# 16 questions a step, as published
train_dataloader = dict(batch_size=16)
val_dataloader = dict(batch_size=32)
test_dataloader = dict(batch_size=32)

default_hooks = dict(checkpoint=dict(best='vqa/overall', rule='greater', interval_minutes=30))
