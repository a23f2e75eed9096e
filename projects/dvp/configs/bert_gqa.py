"""DVP on GQA (arXiv 2306.00409): BERT-base, all of which trains."""

_base_ = ['_base_/gqa.py', '_base_/bert.py']

model = dict(
    head=dict(answers='data/gqa/trainval_label2ans.json', classes=1842),
    expect_trainable=115_272_498,
)
