"""DVP on VQA v2 (arXiv 2306.00409): BERT-base, all of which trains."""

_base_ = ['_base_/vqa.py', '_base_/bert.py']

model = dict(
    head=dict(answers='data/vqav2/vocabulary.json', classes=3129, loss='soft_bce'),
    expect_trainable=117_250_617,
)
