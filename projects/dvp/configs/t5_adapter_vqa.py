"""DVP (arXiv 2306.00409) on VQA v2: T5-base, CLIP ViT-B/16; adapters and norms train. See ../README.md."""

_base_ = ['_base_/t5_adapter.py', '_base_/vqav2.py']

model = dict(
    head=dict(answers='data/vqav2/vocabulary.json', classes=3129, loss='soft_bce'), expect_trainable=17_305_785
)
optim_wrapper = dict(optimizer=dict(lr=3e-4))
search = dict(lr=2e-4)
