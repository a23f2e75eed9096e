"""DVP (arXiv 2306.00409) on SNLI-VE: BERT-base, CLIP ViT-B/16; everything but CLIP trains. See ../README.md."""

_base_ = ['_base_/bert.py', '_base_/snli_ve.py']

model = dict(head=dict(answers=['contradiction', 'neutral', 'entailment']), expect_trainable=112_445_955)
