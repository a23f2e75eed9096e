"""DePALM-R-linear,L0 (arXiv 2403.13499): a linear map of 2 x 2 patches each, in front of the text."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    connector=dict(type='LinearResampler', reduction=4, init_scale=0.1),
    schedule=dict(type='InputPrefix'),
    soft_prompt=dict(type='SoftPrompt', length=1, init_std=0.1),
    expect_trainable=1_882_944,
)
