"""DVP (arXiv 2306.00409) on GQA: T5-base, CLIP ViT-B/16; everything but CLIP trains. See ../README.md."""

_base_ = ['_base_/t5.py', '_base_/gqa.py']

model = dict(head=dict(answers='data/gqa/trainval_label2ans.json', classes=1842), expect_trainable=229_284_402)
optim_wrapper = dict(optimizer=dict(lr=2e-4))
