"""MAGMA under the same setup (arXiv 2112.05253; 34.5 in arXiv 2303.11403): all tokens of the last block in front of the text,
adapters in every MLP."""

_base_ = ['opt2.7b_vqa_1pct.py']

model = dict(
    encoder=dict(levels=1),
    connector=dict(_delete_=True, type='TokenConnector', tokens='all'),
    schedule=dict(_delete_=True, type='InputPrefix'),
    soft_prompt=None,
    adapters=[dict(type='BottleneckAdapter', place='mlp', kind='normal', reduction=4)],
    trainable=['connector.*', 'adapters.*'],
    expect_trainable=106_928_640,
)
optim_wrapper = dict(groups=[])
