"""After PromptFuse (arXiv 2205.11169): the summary token in front of the text, and learned prompt vectors that fuse the two."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    connector=dict(type='TokenConnector', tokens='cls', init_scale=0.1),
    schedule=dict(type='InputPrefix'),
    soft_prompt=dict(type='SoftPrompt', length=8, init_std=0.1),
    expect_trainable=226_368,
)
