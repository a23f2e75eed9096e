"""llama_adapter_vqa.py as the released code has it: visual tokens are not normed, all maps at PyTorch's default,
adapters Xavier-uniform, and the classifier's LayerNorm decays."""

_base_ = ['llama_adapter_vqa.py']

_adapter = dict(type='BottleneckAdapter', reduction=64, activation='silu', init='xavier')
model = dict(
    connector=dict(start='released'),
    adapters=[dict(place='attention', **_adapter), dict(place='mlp', **_adapter)],
    expect_trainable=42_777_145,
)
optim_wrapper = dict(groups=[dict(patterns=['*.bias', '*[Nn]orm*'], weight_decay=0.0)])
search = dict(searcher=dict(type='KabApp', draws=10), dropout=True)
