"""DVP (arXiv 2306.00409) on VQA v2: BERT-base, CLIP ViT-B/16; adapters and norms train. See ../README.md."""

_base_ = ['_base_/bert_adapter.py', '_base_/vqav2.py']

model = dict(
    head=dict(answers='data/vqav2/vocabulary.json', classes=3129, loss='soft_bce'), expect_trainable=11_955_513
)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
search = dict(lr=1e-4)
