"""eP-ALM on MSVD-QA (arXiv 2303.11403): OPT-2.7B and TimeSformer on 8 frames; 32 questions a step, 26 epochs."""

_base_ = [
    '../../../configs/_base_/default_runtime.py',
    '../../../configs/_base_/msvd_qa.py',
    '../../../configs/_base_/epalm_opt2.7b.py',
]

precision = 'bf16'
model = dict(
    encoder=dict(
        _delete_=True, type='TimesformerEncoder', model='facebook/timesformer-base-finetuned-k600', levels=6, frames=8
    ),
)
train_cfg = dict(max_epochs=26)

default_hooks = dict(checkpoint=dict(best='generated/overall', rule='greater', interval_minutes=30))
