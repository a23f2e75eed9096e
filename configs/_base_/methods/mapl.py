"""MAPL (arXiv 2210.07179): 8 learned constants that looked at every token of the last level, in front of the text."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    connector=dict(type='MaplMapper', tokens=8, width=256, layers=4, heads=8),
    schedule=dict(type='InputPrefix'),
    expect_trainable=2_357_056,
)
