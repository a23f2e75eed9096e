"""The quickstart's model on your own pictures: data/mine/train.jsonl, val.jsonl and test.jsonl (docs/data.md).

python tools/train.py configs/quickstart/own_pictures.py
"""

_base_ = ['epalm_smollm2_stamps.py']

_data = dict(_delete_=True, type='JsonlDataset', root='data/mine', modality='image')
train_dataloader = dict(dataset=dict(split='train', **_data))
val_dataloader = dict(dataset=dict(split='val', **_data))
test_dataloader = dict(dataset=dict(split='test', **_data))

# answers are free text; with "candidates" in the lines, mode 'ranked' chooses among them
model = dict(head=dict(rank=False, generate=dict(max_new_tokens=16)))
metrics = [dict(type='AnswerAccuracy', modes=['generated'])]
default_hooks = dict(checkpoint=dict(best='generated/overall'))
baselines = []
