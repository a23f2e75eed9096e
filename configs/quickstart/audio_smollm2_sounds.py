"""A bird, a mammal or a thing? Whisper's encoder, SmolLM2-135M, the stamps' own sound effects (docs/audio.md).

python tools/zoo.py fetch whisper-tiny-en smollm2-135m-instruct tuxpaint-stamps
python tools/train.py configs/quickstart/audio_smollm2_sounds.py

Of 83 sounds a fifth are tested at a time; dataset.turn=0 to 4 turns the splits (docs/audio.md).
"""

_base_ = ['audio_smollm2_speech.py']

model = dict(encoder=dict(seconds=4.0))

_data = dict(_delete_=True, type='StampSoundsDataset', tasks=('kind',))
train_dataloader = dict(dataset=dict(split='train', **_data))
val_dataloader = dict(dataset=dict(split='val', **_data))
test_dataloader = dict(dataset=dict(split='test', **_data))

param_scheduler = dict(warmup=5)
train_cfg = dict(max_epochs=12, val_interval=4)

baselines = [dict(type='MajorityAnswer'), dict(type='KNearestNeighbours'), dict(type='LinearProbe')]
