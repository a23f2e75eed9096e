"""DVP (arXiv 2306.00409) on GQA: BERT-base, CLIP ViT-B/16; everything but CLIP trains. See ../README.md."""

_base_ = ['_base_/bert.py', '_base_/gqa.py']

model = dict(head=dict(answers='data/gqa/trainval_label2ans.json', classes=1842), expect_trainable=115_272_498)
