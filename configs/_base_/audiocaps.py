"""AudioCaps (docs/audio.md), resampled to what the encoder takes; SpecAugment in training, as published."""

_plain = dict(type='AudioTransform')
_augmented = dict(type='AudioTransform', augment=dict(freq=24, time=96))
train_dataloader = dict(
    batch_size=32,
    num_workers=8,
    shuffle=True,
    dataset=dict(type='AudioCapsDataset', split='train', transform=_augmented),
)
val_dataloader = dict(
    batch_size=32, num_workers=8, shuffle=False, dataset=dict(type='AudioCapsDataset', split='val', transform=_plain)
)
test_dataloader = dict(
    batch_size=32, num_workers=8, shuffle=False, dataset=dict(type='AudioCapsDataset', split='test', transform=_plain)
)
metrics = [dict(type='CaptionScores')]
