"""eP-ALM on MSR-VTT captions (arXiv 2303.11403): OPT-2.7B and TimeSformer on 16 frames; 64 captions a step, 26 epochs."""

_base_ = [
    '../../../configs/_base_/default_runtime.py',
    '../../../configs/_base_/msrvtt_captions.py',
    '../../../configs/_base_/epalm_opt2.7b.py',
]

precision = 'bf16'
model = dict(
    encoder=dict(
        _delete_=True, type='TimesformerEncoder', model='facebook/timesformer-base-finetuned-k600', levels=6, frames=16
    ),
    head=dict(question_format='{question}', answer_format='{answer}', generate=dict(max_new_tokens=30)),
)
train_cfg = dict(max_epochs=26)

default_hooks = dict(checkpoint=dict(best='generated/cider', rule='greater', interval_minutes=30))
