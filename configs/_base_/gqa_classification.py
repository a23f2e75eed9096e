"""GQA as classification among the answers of its training questions, which `tools/prepare_data.py gqa` writes down.

Pictures are not augmented.
"""

_base_ = ['gqa.py']

_answers = dict(vocabulary='data/gqa/vocabulary.json')
train_dataloader = dict(dataset=dict(transform=dict(_delete_=True, type='ImageTransform'), **_answers))
val_dataloader = dict(dataset=_answers)
test_dataloader = dict(dataset=_answers)
metrics = [dict(type='GQAAccuracy', mode='classified')]
