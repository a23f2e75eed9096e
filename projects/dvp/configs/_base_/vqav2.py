"""VQA v2 for DVP: 256 questions a step, pictures cropped as CLIP's."""

_base_ = ['recipe.py', '../../../../configs/_base_/vqav2_classification.py']

train_dataloader = dict(batch_size=256, dataset=dict(transform=dict(resize='crop')))
val_dataloader = dict(dataset=dict(transform=dict(resize='crop')))
test_dataloader = dict(dataset=dict(transform=dict(resize='crop')))
default_hooks = dict(checkpoint=dict(best='vqa/overall', rule='greater', interval_minutes=30))
