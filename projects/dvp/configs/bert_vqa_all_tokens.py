"""bert_vqa.py with all 197 visual tokens, projected, in place of DVP's one: what it is compared with."""

_base_ = ['bert_vqa.py']

model = dict(
    connector=dict(_delete_=True, type='TokenConnector', tokens='all'),
    expect_trainable=115_475_769,
)
search = dict(separate=False)
