"""t5_vqa.py as the released code has it: visual tokens are not normed, all maps at PyTorch's default, token types from
N(0, 1), the classifier's LayerNorm decays, the prompt sees the start token. What stays as it should be is told in the
README."""

_base_ = ['t5_vqa.py']

model = dict(
    connector=dict(start='released'),
    visibility='all',
    expect_trainable=231_260_985,
)
optim_wrapper = dict(
    groups=[
        dict(patterns=['head.*.bias'], lr_mult=10, weight_decay=0.0),
        dict(patterns=['head.*'], lr_mult=10),
        dict(patterns=['*.bias', '*[Nn]orm*'], weight_decay=0.0),
    ]
)
search = dict(searcher=dict(type='KabApp'), dropout=True, batch_size=128)
