"""eP-ALM pt-L on AudioCaps (arXiv 2303.11403, table 1: CIDEr 61.86): OPT-6.7B and AST."""

_base_ = [
    '../../../configs/_base_/default_runtime.py',
    '../../../configs/_base_/audiocaps.py',
    '../../../configs/_base_/epalm_opt6.7b_vit_l.py',
]

precision = 'bf16'
model = dict(
    encoder=dict(_delete_=True, type='ASTEncoder', model='MIT/ast-finetuned-audioset-10-10-0.4593', levels=6),
    head=dict(question_format='{question}', answer_format='{answer}', generate=dict(max_new_tokens=30)),
    expect_trainable=3_190_784,
)
train_cfg = dict(max_epochs=35)

default_hooks = dict(checkpoint=dict(best='generated/cider', rule='greater', interval_minutes=30))
