"""DePALM-R-QPMapper,L0 (arXiv 2403.13499): a query pools each 2 x 2 patches; in front of the text."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    connector=dict(type='QueryResampler', reduction=4, width=256, layers=4, init_scale=0.1),
    schedule=dict(type='InputPrefix'),
    soft_prompt=dict(type='SoftPrompt', length=1, init_std=0.1),
    expect_trainable=1_830_784,
)
