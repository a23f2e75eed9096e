"""GQA for DVP: 256 questions a step, pictures cropped as CLIP's, the 1,842 answers of LXMERT's label file."""

_base_ = ['recipe.py', '../../../../configs/_base_/gqa_classification.py']

_data = dict(vocabulary='data/gqa/trainval_label2ans.json', transform=dict(resize='crop'))
train_dataloader = dict(batch_size=256, dataset=_data)
val_dataloader = dict(dataset=_data)
test_dataloader = dict(dataset=_data)
default_hooks = dict(checkpoint=dict(best='gqa/overall', rule='greater', interval_minutes=30))
