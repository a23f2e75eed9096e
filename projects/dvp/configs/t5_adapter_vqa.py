"""DVP on VQA v2 (arXiv 2306.00409): T5-base with adapters."""

_base_ = ['_base_/vqa.py', '_base_/t5_adapter.py']

model = dict(
    head=dict(answers='data/vqav2/vocabulary.json', classes=3129, loss='soft_bce'),
    expect_trainable=17_305_785,
)
