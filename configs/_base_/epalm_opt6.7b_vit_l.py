"""eP-ALM pt-L on OPT-6.7B and ViT-L/16 as published (arXiv 2303.11403), whatever it is trained on: one shared linear connector
and a soft prompt without MLP; 0.06 % trains. The released files say 35 epochs, which are kept; the names of their runs say 64.
"""

_base_ = ['epalm_opt2.7b.py']

model = dict(
    encoder=dict(model='vit_large_patch16_224.augreg_in21k_ft_in1k'),
    connector=dict(shared=True),
    language_model=dict(model='facebook/opt-6.7b'),
    soft_prompt=dict(mlp=False),
    expect_trainable=4_239_360,
)
optim_wrapper = dict(optimizer=dict(lr=2e-4), groups=[dict(patterns=['soft_prompt.*'], lr=1e-3, schedule=False)])
# of 2e-4: from 1e-4 over 400 steps, down to 1e-5
param_scheduler = dict(warmup=400, start=0.5, end=0.05)
train_cfg = dict(max_epochs=35)
