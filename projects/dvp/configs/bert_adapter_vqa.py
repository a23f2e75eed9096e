"""DVP on VQA v2 (arXiv 2306.00409): BERT-base with adapters."""

_base_ = ['_base_/vqa.py', '_base_/bert_adapter.py']

model = dict(
    head=dict(answers='data/vqav2/vocabulary.json', classes=3129, loss='soft_bce'),
    expect_trainable=11_955_513,
)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
