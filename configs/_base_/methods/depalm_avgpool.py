"""DePALM-R-avgpool,L0 (arXiv 2403.13499): means of 2 x 2 patches, in front of the text."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    connector=dict(type='AveragePool', reduction=4, init_scale=0.1),
    schedule=dict(type='InputPrefix'),
    soft_prompt=dict(type='SoftPrompt', length=1, init_std=0.1),
    expect_trainable=555_264,
)
