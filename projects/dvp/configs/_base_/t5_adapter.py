"""DVP in T5-base with adapters in both stacks: T5 is frozen but for its norms."""

_base_ = ['t5.py']

_adapter = dict(type='BottleneckAdapter', reduction=8, init='normal', init_std=0.01)
model = dict(
    adapters=[
        dict(place='attention', stack='encoder', **_adapter),
        dict(place='mlp', stack='encoder', **_adapter),
        dict(place='attention', stack='decoder', **_adapter),
        dict(place='cross_attention', stack='decoder', **_adapter),
        dict(place='mlp', stack='decoder', **_adapter),
    ],
    trainable=['connector.*', 'head.*', 'adapters.*', 'language_model.*layer_norm*'],
    live=[],
)
