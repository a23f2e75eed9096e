"""eP-ALM pt-L pre-trained on CC3M captions with CLIP's ViT-L/14, for captioning without examples (arXiv 2303.11403: COCO CIDEr
51.29, NoCaps 39.5).

Data: data/cc3m/train.jsonl and val.jsonl, a line a picture: {"media": "images/0001.jpg", "answers": ["a caption"]}
(docs/data.md).

python tools/test.py projects/epalm/configs/opt6.7b_clip_vit_l_coco.py work_dirs/opt6.7b_clip_vit_l_cc3m/checkpoints/best
"""

_base_ = ['opt6.7b_vit_l_coco.py']

_files = dict(_delete_=True, type='JsonlDataset', root='data/cc3m')
_plain = dict(type='ImageTransform')
_augmented = dict(type='ImageTransform', augment=dict(scale=(0.5, 1.0), flip=True, randaugment=(2, 7)))
model = dict(
    encoder=dict(model='vit_large_patch14_clip_224.openai'),
    head=dict(generate=dict(max_new_tokens=30)),
)
train_dataloader = dict(batch_size=64, dataset=dict(split='train', transform=_augmented, **_files))
val_dataloader = dict(dataset=dict(split='val', transform=_plain, **_files))
metrics = [dict(type='CaptionScores', task='caption')]
train_cfg = dict(max_epochs=4)
