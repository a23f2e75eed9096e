"""SNLI-VE for DVP: 256 hypotheses a step, 5 epochs, pictures cropped as CLIP's; the head learns as fast as the rest."""

_base_ = ['recipe.py', '../../../../configs/_base_/snli_ve.py']

train_dataloader = dict(batch_size=256, dataset=dict(transform=dict(resize='crop')))
val_dataloader = dict(dataset=dict(transform=dict(resize='crop')))
test_dataloader = dict(dataset=dict(transform=dict(resize='crop')))
optim_wrapper = dict(groups=[dict(patterns=['*.bias', '*[Nn]orm*', 'head.classifier.1.weight'], weight_decay=0.0)])
param_scheduler = dict(warmup=0.2)
train_cfg = dict(max_epochs=5)
search = dict(epochs=1)
default_hooks = dict(checkpoint=dict(best='classified/overall', rule='greater', interval_minutes=30))
