"""opt6.7b_vit_l_coco.py reported on NoCaps: captions of things that COCO does not have, by domain."""

_base_ = ['opt6.7b_vit_l_coco.py']

test_dataloader = dict(
    dataset=dict(_delete_=True, type='NoCapsDataset', split='val', transform=dict(type='ImageTransform'))
)
