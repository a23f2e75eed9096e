"""eP-ALM on COCO captions (arXiv 2303.11403): OPT-2.7B and ViT-B/16; 0.90 % trains; 64 captions a step, 8 epochs.

Chosen by CIDEr-D of the validation split, as published. The released code gives the prompt the connectors' learning rate by
mistake and holds the weights of both at a constant one; here each has its own, as the paper says.
"""

_base_ = [
    '../../../configs/_base_/default_runtime.py',
    '../../../configs/_base_/coco_captions.py',
    '../../../configs/_base_/epalm_opt2.7b.py',
]

precision = 'bf16'
model = dict(head=dict(question_format='{question}', answer_format='{answer}', generate=dict(max_new_tokens=30)))
train_cfg = dict(max_epochs=8)

default_hooks = dict(checkpoint=dict(best='generated/cider', rule='greater', interval_minutes=30))
