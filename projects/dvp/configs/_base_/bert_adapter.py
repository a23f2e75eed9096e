"""DVP in BERT-base with adapters: BERT is frozen but for the norms of its layers."""

_base_ = ['bert.py']

_adapter = dict(type='BottleneckAdapter', reduction=8, init='normal', init_std=0.01)
model = dict(
    adapters=[dict(place='attention', **_adapter), dict(place='mlp', **_adapter)],
    trainable=['connector.*', 'head.*', 'adapters.*', 'language_model.model.encoder.*LayerNorm*'],
    live=[],
)
