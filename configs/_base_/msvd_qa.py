"""MSVD-QA from its annotation files (docs/video.md): frames at random within equal intervals in training, in their middle else."""

_plain = dict(type='VideoTransform')
_augmented = dict(type='VideoTransform', choice='random', augment=dict(scale=(0.5, 1.0), flip=True, randaugment=(2, 7)))
train_dataloader = dict(
    batch_size=32, num_workers=8, shuffle=True, dataset=dict(type='MSVDQADataset', split='train', transform=_augmented)
)
val_dataloader = dict(
    batch_size=32, num_workers=8, shuffle=False, dataset=dict(type='MSVDQADataset', split='val', transform=_plain)
)
test_dataloader = dict(
    batch_size=32, num_workers=8, shuffle=False, dataset=dict(type='MSVDQADataset', split='test', transform=_plain)
)
metrics = [dict(type='AnswerAccuracy')]
