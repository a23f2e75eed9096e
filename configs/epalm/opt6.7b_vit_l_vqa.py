"""eP-ALM pt-L on VQA v2 (arXiv 2303.11403): OPT-6.7B and ViT-L/16, one shared connector, soft prompt without MLP; 0.06 % trains.

python tools/train.py configs/epalm/opt6.7b_vit_l_vqa.py

What differs from the released code stands in opt2.7b_vqa.py, and besides: the release chose and reported on the same split.
The released file says 35 epochs, which are kept; the names of its runs say 64.
"""

_base_ = ['opt2.7b_vqa.py']

model = dict(
    encoder=dict(model='vit_large_patch16_224.augreg_in21k_ft_in1k'),
    connector=dict(shared=True),
    language_model=dict(model='facebook/opt-6.7b'),
    soft_prompt=dict(mlp=False),
    expect_trainable=4_239_360,
)

# 16 questions a step, as published
train_dataloader = dict(batch_size=16)
val_dataloader = dict(batch_size=32)
test_dataloader = dict(batch_size=32)
optim_wrapper = dict(
    optimizer=dict(lr=2e-4), groups=[dict(patterns=['soft_prompt.*'], lr=1e-3, schedule=False)], accumulate=1
)
# of 2e-4: from 1e-4 over 400 steps, down to 1e-5
param_scheduler = dict(warmup=400, start=0.5, end=0.05)
train_cfg = dict(max_epochs=35)
