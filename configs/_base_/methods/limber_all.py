"""LiMBeR (arXiv 2209.15162): every token of the last level, projected, in front of the text."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    connector=dict(type='TokenConnector', tokens='all', init_scale=0.1),
    schedule=dict(type='InputPrefix'),
    expect_trainable=221_760,
)
