"""eP-ALM pt-L on COCO captions (arXiv 2303.11403, table 1: CIDEr 111.63): OPT-6.7B and ViT-L/16; 0.06 % trains; 16 captions a
step.

Chosen by CIDEr-D of the validation split, as published. The released code gives the prompt the connectors' learning rate by
mistake and holds the weights of both at a constant one; here each has its own, as the paper says.
"""

_base_ = [
    '../../../configs/_base_/default_runtime.py',
    '../../../configs/_base_/coco_captions.py',
    '../../../configs/_base_/epalm_opt6.7b_vit_l.py',
]

precision = 'bf16'
model = dict(head=dict(question_format='{question}', answer_format='{answer}', generate=dict(max_new_tokens=30)))
train_dataloader = dict(batch_size=16)

default_hooks = dict(checkpoint=dict(best='generated/cider', rule='greater', interval_minutes=30))
