"""The quickstart on pictures asked about clips it was not trained on: the same connector, DINOv2 on 4 frames, averaged.

python tools/train.py configs/quickstart/epalm_smollm2_stamps.py
python tools/test.py configs/quickstart/video_zero_shot_stamps.py work_dirs/epalm_smollm2_stamps/checkpoints/best
"""

_base_ = ['epalm_smollm2_stamps.py']

model = dict(
    encoder=dict(
        _delete_=True,
        type='FrameEncoder',
        encoder=dict(type='TransformersEncoder', model='zoo:dinov2-small', levels=6),
        frames=4,
    ),
)

_data = dict(_delete_=True, type='MovingStampsDataset', tasks=('kind',))
train_dataloader = dict(dataset=dict(split='train', **_data))
val_dataloader = dict(dataset=dict(split='val', **_data))
test_dataloader = dict(dataset=dict(split='test', **_data))
