"""DVP (arXiv 2306.00409) on SNLI-VE: T5-base, CLIP ViT-B/16; adapters and norms train. See ../README.md."""

_base_ = ['_base_/t5_adapter.py', '_base_/snli_ve.py']

model = dict(head=dict(answers=['contradiction', 'neutral', 'entailment']), expect_trainable=12_501_123)
optim_wrapper = dict(optimizer=dict(lr=3e-4))
search = dict(lr=2e-4)
