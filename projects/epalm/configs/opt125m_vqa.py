"""eP-ALM on VQA v2 with OPT-125M: configs/epalm/opt2.7b_vqa.py on a language model of 12 layers, the six before the last, one
for each level."""

_base_ = ['../../../configs/epalm/opt2.7b_vqa.py']

model = dict(
    language_model=dict(model='facebook/opt-125m'),
    schedule=dict(start=5, end=11),
    expect_trainable=4_732_416,
)
