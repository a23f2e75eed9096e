"""DVP (arXiv 2306.00409) on SNLI-VE: T5-base, CLIP ViT-B/16; everything but CLIP trains. See ../README.md."""

_base_ = ['_base_/t5.py', '_base_/snli_ve.py']

model = dict(head=dict(answers=['contradiction', 'neutral', 'entailment']), expect_trainable=226_457_859)
optim_wrapper = dict(optimizer=dict(lr=2e-4))
