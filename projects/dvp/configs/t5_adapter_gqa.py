"""DVP on GQA (arXiv 2306.00409): T5-base with adapters."""

_base_ = ['_base_/gqa.py', '_base_/t5_adapter.py']

model = dict(
    head=dict(answers='data/gqa/trainval_label2ans.json', classes=1842),
    expect_trainable=15_327_666,
)
