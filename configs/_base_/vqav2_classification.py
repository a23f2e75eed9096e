"""VQA v2 as classification among its 3,129 answers, which `tools/prepare_data.py vqav2` writes down, trained on soft answers.

A classifier that cannot give any right answer to a question learns nothing from it, and is wrong about it where it is judged.
Pictures are not augmented.
"""

_base_ = ['vqav2.py']

_answers = dict(vocabulary='data/vqav2/vocabulary.json', soft_answers='official')
train_dataloader = dict(dataset=dict(transform=dict(_delete_=True, type='ImageTransform'), **_answers))
val_dataloader = dict(dataset=_answers)
test_dataloader = dict(dataset=_answers)
metrics = [dict(type='VQAAccuracy', mode='classified')]
