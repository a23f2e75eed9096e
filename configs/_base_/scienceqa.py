"""ScienceQA (docs/data.md), lectures and explanations generated after the answer: the head has to generate, and asks the
prompt as it stands: question_format='{question}', rank=False, generate=dict(max_new_tokens=64).

Questions without a picture are shown a white one.
"""

_data = dict(type='ScienceQADataset', format='QCM-ALE', without_picture='blank', transform=dict(type='ImageTransform'))
train_dataloader = dict(batch_size=32, num_workers=4, shuffle=True, dataset=dict(split='train', **_data))
val_dataloader = dict(batch_size=32, num_workers=4, shuffle=False, dataset=dict(split='val', **_data))
test_dataloader = dict(batch_size=32, num_workers=4, shuffle=False, dataset=dict(split='test', **_data))
metrics = [dict(type='ScienceQAAccuracy')]
