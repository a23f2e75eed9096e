"""DePALM-R-rand,L0 (arXiv 2403.13499): a quarter of the patches at random in training, all of them afterwards, in front of the
text."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    connector=dict(type='RandomPatches', share=0.25, evaluate='all', init_scale=0.1),
    schedule=dict(type='InputPrefix'),
    soft_prompt=dict(type='SoftPrompt', length=1, init_std=0.1),
    expect_trainable=222_720,
)
