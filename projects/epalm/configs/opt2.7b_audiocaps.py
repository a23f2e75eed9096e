"""eP-ALM on AudioCaps (arXiv 2303.11403, project page: CIDEr 63.61 with 0.90 % trained): OPT-2.7B and AST; 32 captions a step,
30 epochs."""

_base_ = [
    '../../../configs/_base_/default_runtime.py',
    '../../../configs/_base_/audiocaps.py',
    '../../../configs/_base_/epalm_opt2.7b.py',
]

precision = 'bf16'
model = dict(
    encoder=dict(_delete_=True, type='ASTEncoder', model='MIT/ast-finetuned-audioset-10-10-0.4593', levels=6),
    head=dict(question_format='{question}', answer_format='{answer}', generate=dict(max_new_tokens=30)),
)
train_cfg = dict(max_epochs=30)

default_hooks = dict(checkpoint=dict(best='generated/cider', rule='greater', interval_minutes=30))
