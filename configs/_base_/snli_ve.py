"""SNLI-VE (docs/data.md) as classification: a picture and a hypothesis; chosen by dev, reported on test."""

_data = dict(type='SNLIVEDataset', transform=dict(type='ImageTransform'))
train_dataloader = dict(batch_size=64, num_workers=4, shuffle=True, dataset=dict(split='train', **_data))
val_dataloader = dict(batch_size=64, num_workers=4, shuffle=False, dataset=dict(split='dev', **_data))
test_dataloader = dict(batch_size=64, num_workers=4, shuffle=False, dataset=dict(split='test', **_data))
metrics = [dict(type='AnswerAccuracy', modes=['classified'], by=['answer'])]
