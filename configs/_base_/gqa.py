"""GQA, balanced, from its official files (docs/data.md): trained on its training split, chosen by its validation split,
reported on testdev."""

_plain = dict(type='ImageTransform')
_augmented = dict(type='ImageTransform', augment=dict(scale=(0.5, 1.0), flip=True, randaugment=(2, 7)))
train_dataloader = dict(
    batch_size=64, num_workers=4, shuffle=True, dataset=dict(type='GQADataset', split='train', transform=_augmented)
)
val_dataloader = dict(
    batch_size=64, num_workers=4, shuffle=False, dataset=dict(type='GQADataset', split='val', transform=_plain)
)
test_dataloader = dict(
    batch_size=64, num_workers=4, shuffle=False, dataset=dict(type='GQADataset', split='testdev', transform=_plain)
)
metrics = [dict(type='GQAAccuracy')]
