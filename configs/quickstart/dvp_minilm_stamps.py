"""DVP on parts that need no model hub: MiniLM reads the question, DINOv2 ViT-S sees the Tux Paint stamp, a classifier answers.

python tools/search_placement.py configs/quickstart/dvp_minilm_stamps.py
python tools/train.py configs/quickstart/dvp_minilm_stamps.py --placement work_dirs/dvp_minilm_stamps_placement/placement.json
"""

_base_ = ['../_base_/stamps_vqa.py']

_kinds = ['animal', 'building', 'clothes', 'food', 'holiday decoration', 'household item', 'person', 'plant', 'sign']
_animals = ['amphibian', 'bird', 'fish', 'insect', 'mammal', 'reptile', 'shellfish']
model = dict(
    type='AugmentedLM',
    encoder=dict(type='TransformersEncoder', model='zoo:dinov2-small', levels=1, image_size=84),
    connector=dict(type='CrossAttentionPrompt', query='cls'),
    language_model=dict(type='EncoderLM', model='zoo:minilm-l6'),
    schedule=dict(type='SingleLayer', layer=0),
    head=dict(
        type='ClassificationHead',
        answers=[*_kinds, 'space object', 'vehicle', *_animals, 'no', 'yes'],
        hidden=384,
    ),
)
_data = dict(tasks=('kind', 'animal', 'yesno'))
train_dataloader = dict(batch_size=16, dataset=_data)
val_dataloader = dict(dataset=_data)
test_dataloader = dict(dataset=_data)
optim_wrapper = dict(optimizer=dict(lr=5e-4))
train_cfg = dict(max_epochs=16, val_interval=4)
default_hooks = dict(checkpoint=dict(best='classified/overall', rule='greater'))

search = dict(share=0.2, batch_size=32, every=4, epochs=6)
