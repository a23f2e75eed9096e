"""eP-ALM (arXiv 2303.11403): the summary tokens of the last six levels, one after the other, into one place of the upper layers."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    encoder=dict(levels=6),
    connector=dict(type='LinearConnector', init_scale=0.1),
    schedule=dict(type='LayerwiseReplace', start=12, end=30),
    soft_prompt=dict(type='SoftPrompt', length=1, init_std=0.1),
    expect_trainable=1_331_136,
)
