"""eP-ALM on your own pictures: data/mine/train.jsonl, val.jsonl and test.jsonl (docs/data.md).

python tools/train.py configs/quickstart/own_pictures.py
"""

_base_ = ['../_base_/jsonl.py', '../_base_/methods/epalm.py']

model = dict(encoder=dict(image_size=224))
