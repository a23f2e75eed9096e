"""COCO captions in Karpathy's splits (docs/data.md): each caption of train and restval is a sample; one sample a picture, with
all its references, in val and test."""

_plain = dict(type='ImageTransform')
_augmented = dict(type='ImageTransform', augment=dict(scale=(0.5, 1.0), flip=True, randaugment=(2, 7)))
train_dataloader = dict(
    batch_size=64,
    num_workers=4,
    shuffle=True,
    dataset=dict(type='CocoCaptionDataset', split='train', transform=_augmented),
)
val_dataloader = dict(
    batch_size=64, num_workers=4, shuffle=False, dataset=dict(type='CocoCaptionDataset', split='val', transform=_plain)
)
test_dataloader = dict(
    batch_size=64, num_workers=4, shuffle=False, dataset=dict(type='CocoCaptionDataset', split='test', transform=_plain)
)
metrics = [dict(type='CaptionScores')]
