"""After Frozen (arXiv 2106.13884): two tokens made of the summary token, in front of the text; the encoder's last block trains
too."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    connector=dict(type='TokenConnector', tokens='cls', each=2, init_scale=0.1),
    schedule=dict(type='InputPrefix'),
    trainable=['connector.*', 'encoder.model.encoder.layer.11.*'],
    expect_trainable=2_218_752,
)
