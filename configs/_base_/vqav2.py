"""VQA v2 from its official files (docs/vqa.md): 98 % of the training split to train on, 2 % of its pictures to choose by,
and the validation split, on which papers report, for the end alone."""

train_dataloader = dict(
    batch_size=64,
    num_workers=4,
    shuffle=True,
    dataset=dict(
        type='VQAv2Dataset',
        split='train',
        fold='fit',
        answer='sampled',  # each visit draws one of the ten answers by its soft score
        # eP-ALM's augmentation; pictures of which left or right is asked are never mirrored
        transform=dict(type='ImageTransform', augment=dict(scale=(0.5, 1.0), flip=True, randaugment=(2, 7))),
    ),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=4,
    shuffle=False,
    dataset=dict(
        type='VQAv2Dataset', split='train', fold='held_out', answer='most_common', transform=dict(type='ImageTransform')
    ),
)
test_dataloader = dict(
    batch_size=64,
    num_workers=4,
    shuffle=False,
    dataset=dict(type='VQAv2Dataset', split='val', answer='most_common', transform=dict(type='ImageTransform')),
)
metrics = [dict(type='VQAAccuracy')]
