"""DVP on T5-base with adapters in both stacks: of T5 itself the norms train."""

_base_ = ['t5.py']

_adapter = dict(type='BottleneckAdapter', reduction=8, activation='relu', init='normal', init_std=0.01)
model = dict(
    adapters=[
        dict(place='attention', stack='encoder', **_adapter),
        dict(place='mlp', stack='encoder', **_adapter),
        dict(place='attention', stack='decoder', **_adapter),
        dict(place='cross_attention', stack='decoder', **_adapter),
        dict(place='mlp', stack='decoder', **_adapter),
    ],
    trainable=['connector.*', 'adapters.*', 'head.*', 'language_model.*layer_norm*'],
)
optim_wrapper = dict(optimizer=dict(lr=3e-4))
