"""MSR-VTT captions (docs/video.md). Chosen by the validation split, where the released code chose by the test split."""

_plain = dict(type='VideoTransform')
_augmented = dict(type='VideoTransform', choice='random', augment=dict(scale=(0.5, 1.0), flip=True, randaugment=(2, 7)))
train_dataloader = dict(
    batch_size=64,
    num_workers=8,
    shuffle=True,
    dataset=dict(type='MSRVTTCaptionDataset', split='train', transform=_augmented),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=8,
    shuffle=False,
    dataset=dict(type='MSRVTTCaptionDataset', split='val', transform=_plain),
)
test_dataloader = dict(
    batch_size=32,
    num_workers=8,
    shuffle=False,
    dataset=dict(type='MSRVTTCaptionDataset', split='test', transform=_plain),
)
metrics = [dict(type='CaptionScores')]
