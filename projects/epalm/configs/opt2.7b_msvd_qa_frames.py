"""MSVD-QA through the picture encoder of configs/epalm/opt2.7b_vqa.py, frame by frame: for zero-shot video QA (arXiv
2303.11403: 24.82).

python tools/test.py projects/epalm/configs/opt2.7b_msvd_qa_frames.py work_dirs/opt2.7b_vqa/checkpoints/best
"""

_base_ = [
    '../../../configs/_base_/default_runtime.py',
    '../../../configs/_base_/msvd_qa.py',
    '../../../configs/_base_/epalm_opt2.7b.py',
]

precision = 'bf16'
model = dict(
    encoder=dict(
        _delete_=True,
        type='FrameEncoder',
        encoder=dict(type='TimmEncoder', model='vit_base_patch16_224.augreg_in21k_ft_in1k', levels=6),
        frames=8,
    )
)
train_cfg = dict(max_epochs=26)

default_hooks = dict(checkpoint=dict(best='generated/overall', rule='greater', interval_minutes=30))
