"""DVP on BERT-base with adapters: of BERT itself the norms of its layers train."""

_base_ = ['bert.py']

_adapter = dict(type='BottleneckAdapter', reduction=8, activation='relu', init='normal', init_std=0.01)
model = dict(
    adapters=[dict(place='attention', **_adapter), dict(place='mlp', **_adapter)],
    trainable=['connector.*', 'adapters.*', 'head.*', 'language_model.model.encoder.*LayerNorm*'],
)
optim_wrapper = dict(optimizer=dict(lr=5e-4))
