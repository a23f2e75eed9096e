"""DVP (arXiv 2306.00409) on GQA: BERT-base, CLIP ViT-B/16; adapters and norms train. See ../README.md."""

_base_ = ['_base_/bert_adapter.py', '_base_/gqa.py']

model = dict(head=dict(answers='data/gqa/trainval_label2ans.json', classes=1842), expect_trainable=9_977_394)
optim_wrapper = dict(optimizer=dict(lr=5e-4))
search = dict(lr=1e-4)
