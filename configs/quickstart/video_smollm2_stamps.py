"""eP-ALM on clips that need no model hub: stamps that move. What is it, and which way does it go?

python tools/train.py configs/quickstart/video_smollm2_stamps.py
"""

_base_ = ['epalm_smollm2_stamps.py']

model = dict(
    # each of 4 frames is seen by DINOv2; of 3 levels the mean over time and the first moment, which knows the direction
    encoder=dict(
        _delete_=True,
        type='FrameEncoder',
        encoder=dict(type='TransformersEncoder', model='zoo:dinov2-small', levels=3, image_size=112),
        frames=4,
        moments=2,
    ),
)

_data = dict(_delete_=True, type='MovingStampsDataset', tasks=('kind', 'direction'))
train_dataloader = dict(dataset=dict(split='train', **_data))
val_dataloader = dict(dataset=dict(split='val', **_data))
test_dataloader = dict(dataset=dict(split='test', **_data))

train_cfg = dict(max_epochs=5)
