"""eP-ALM pt-L on MSR-VTT captions (arXiv 2303.11403, table 1: CIDEr 48.79): OPT-6.7B and TimeSformer on 16 frames."""

_base_ = [
    '../../../configs/_base_/default_runtime.py',
    '../../../configs/_base_/msrvtt_captions.py',
    '../../../configs/_base_/epalm_opt6.7b_vit_l.py',
]

precision = 'bf16'
model = dict(
    encoder=dict(
        _delete_=True, type='TimesformerEncoder', model='facebook/timesformer-base-finetuned-k600', levels=6, frames=16
    ),
    head=dict(question_format='{question}', answer_format='{answer}', generate=dict(max_new_tokens=30)),
    expect_trainable=3_190_784,
)
train_cfg = dict(max_epochs=35)

default_hooks = dict(checkpoint=dict(best='generated/cider', rule='greater', interval_minutes=30))
