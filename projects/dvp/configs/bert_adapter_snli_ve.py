"""DVP (arXiv 2306.00409) on SNLI-VE: BERT-base, CLIP ViT-B/16; adapters and norms train. See ../README.md."""

_base_ = ['_base_/bert_adapter.py', '_base_/snli_ve.py']

model = dict(head=dict(answers=['contradiction', 'neutral', 'entailment']), expect_trainable=7_150_851)
optim_wrapper = dict(optimizer=dict(lr=5e-4))
search = dict(lr=1e-4)
