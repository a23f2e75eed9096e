"""Which of four words is said? Whisper's encoder, SmolLM2-135M, the Asterisk prompts (docs/audio.md).

python tools/zoo.py fetch whisper-tiny-en smollm2-135m-instruct asterisk-speech asterisk-transcripts
python tools/train.py configs/quickstart/audio_smollm2_speech.py
"""

_base_ = ['../_base_/default_runtime.py']

model = dict(
    type='AugmentedLM',
    encoder=dict(type='WhisperEncoder', model='zoo:whisper-tiny-en', levels=4, seconds=6.0),
    connector=dict(type='LinearConnector', init_scale=0.1),
    language_model=dict(type='CausalLM', model='zoo:smollm2-135m-instruct'),
    schedule=dict(type='LayerwiseReplace', start=12, end=30),
    soft_prompt=dict(type='SoftPrompt', length=1, init_std=0.1),
    head=dict(type='GenerationHead', generate=dict(max_new_tokens=8)),
    trainable=['connector.*', 'soft_prompt.*'],
    expect_trainable=887_616,
)

feature_cache = dict(enabled=True)

_data = dict(type='AsteriskSpeechDataset', tasks=('word',))
train_dataloader = dict(batch_size=16, shuffle=True, dataset=dict(split='train', **_data))
val_dataloader = dict(batch_size=16, shuffle=False, dataset=dict(split='val', **_data))
test_dataloader = dict(batch_size=16, shuffle=False, dataset=dict(split='test', **_data))

optim_wrapper = dict(
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.02),
    clip_norm=1.0,
)
param_scheduler = dict(type='WarmupCosine', warmup=20)
train_cfg = dict(max_epochs=10, val_interval=5)

metrics = [dict(type='AnswerAccuracy')]
baselines = [dict(type='MajorityAnswer')]
controls = dict(shuffled_media=True)
