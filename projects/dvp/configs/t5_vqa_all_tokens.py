"""t5_vqa.py with all 197 visual tokens, projected, in place of DVP's one: what it is compared with."""

_base_ = ['t5_vqa.py']

model = dict(
    connector=dict(_delete_=True, type='TokenConnector', tokens='all'),
    expect_trainable=229_487_673,
)
search = dict(separate=False)
