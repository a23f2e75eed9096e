"""DVP (arXiv 2306.00409) on GQA: T5-base, CLIP ViT-B/16; adapters and norms train. See ../README.md."""

_base_ = ['_base_/t5_adapter.py', '_base_/gqa.py']

model = dict(head=dict(answers='data/gqa/trainval_label2ans.json', classes=1842), expect_trainable=15_327_666)
optim_wrapper = dict(optimizer=dict(lr=3e-4))
search = dict(lr=2e-4)
