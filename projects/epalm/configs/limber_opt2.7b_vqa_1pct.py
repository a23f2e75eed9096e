"""LiMBeR under the same setup (arXiv 2209.15162; 28.9 in arXiv 2303.11403): all tokens of the last block, projected linearly,
in front of the text."""

_base_ = ['opt2.7b_vqa_1pct.py']

model = dict(
    encoder=dict(levels=1),
    connector=dict(_delete_=True, type='TokenConnector', tokens='all'),
    schedule=dict(_delete_=True, type='InputPrefix'),
    soft_prompt=None,
    trainable=['connector.*'],
    expect_trainable=1_968_640,
)
optim_wrapper = dict(groups=[])
