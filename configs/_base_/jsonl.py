"""Your own pictures, videos or sounds (docs/data.md): <root>/train.jsonl and val.jsonl, and test.jsonl for the end alone."""

_data = dict(type='JsonlDataset', root='data/mine', modality='image')
train_dataloader = dict(batch_size=16, num_workers=2, shuffle=True, dataset=dict(split='train', **_data))
val_dataloader = dict(batch_size=16, num_workers=2, shuffle=False, dataset=dict(split='val', **_data))
test_dataloader = dict(batch_size=16, num_workers=2, shuffle=False, dataset=dict(split='test', **_data))
metrics = [dict(type='AnswerAccuracy', modes=['generated'])]
