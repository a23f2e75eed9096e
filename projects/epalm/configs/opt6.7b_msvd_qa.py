"""eP-ALM pt-L on MSVD-QA (arXiv 2303.11403, table 1: 38.40): OPT-6.7B and TimeSformer on 8 frames."""

_base_ = [
    '../../../configs/_base_/default_runtime.py',
    '../../../configs/_base_/msvd_qa.py',
    '../../../configs/_base_/epalm_opt6.7b_vit_l.py',
]

precision = 'bf16'
model = dict(
    encoder=dict(
        _delete_=True, type='TimesformerEncoder', model='facebook/timesformer-base-finetuned-k600', levels=6, frames=8
    ),
    expect_trainable=3_190_784,
)
train_cfg = dict(max_epochs=35)

default_hooks = dict(checkpoint=dict(best='generated/overall', rule='greater', interval_minutes=30))
