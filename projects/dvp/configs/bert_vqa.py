"""DVP (arXiv 2306.00409) on VQA v2: BERT-base, CLIP ViT-B/16; everything but CLIP trains. See ../README.md."""

_base_ = ['_base_/bert.py', '_base_/vqav2.py']

model = dict(
    head=dict(answers='data/vqav2/vocabulary.json', classes=3129, loss='soft_bce'), expect_trainable=117_250_617
)
