"""bert_vqa.py as the released code has it: visual tokens are not normed, all maps at PyTorch's default, token types
from N(0, 1), the classifier's LayerNorm decays. What stays as it should be is told in the README."""

_base_ = ['bert_vqa.py']

model = dict(
    connector=dict(start='released'),
    expect_trainable=117_249_081,
)
optim_wrapper = dict(
    groups=[
        dict(patterns=['head.*.bias'], lr_mult=10, weight_decay=0.0),
        dict(patterns=['head.*'], lr_mult=10),
        dict(patterns=['*.bias', '*[Nn]orm*'], weight_decay=0.0),
    ]
)
search = dict(searcher=dict(type='KabApp'), dropout=True, batch_size=128)
