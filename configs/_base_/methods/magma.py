"""After MAGMA (arXiv 2112.05253): patches, projected and normed, in front of the text, and an adapter behind every MLP."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    connector=dict(type='TokenConnector', tokens='patches', norm=True, dropout=0.1, init_scale=0.1),
    schedule=dict(type='InputPrefix'),
    adapters=[dict(type='BottleneckAdapter', place='mlp', kind='normal', reduction=4)],
    expect_trainable=5_221_152,
)
