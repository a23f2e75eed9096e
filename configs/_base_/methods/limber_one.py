"""LiMBeR with one token (arXiv 2209.15162, in this form in 2403.13499): the summary token, projected, in front of the text."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    connector=dict(type='TokenConnector', tokens='cls', init_scale=0.1),
    schedule=dict(type='InputPrefix'),
    expect_trainable=221_760,
)
