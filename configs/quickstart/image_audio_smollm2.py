"""One language model that sees and hears: the stamps' pictures and the Asterisk prompts, trained together (docs/multimodal.md).

python tools/zoo.py fetch dinov2-small whisper-tiny-en smollm2-135m-instruct tuxpaint-stamps asterisk-speech asterisk-transcripts
python tools/train.py configs/quickstart/image_audio_smollm2.py
"""

_base_ = ['../_base_/default_runtime.py']

_connector = dict(type='LinearConnector', init_scale=0.1)
_schedule = dict(type='LayerwiseReplace', start=12, end=30)
_prompt = dict(type='SoftPrompt', length=1, init_std=0.1)
model = dict(
    type='MultimodalLM',
    language_model=dict(type='CausalLM', model='zoo:smollm2-135m-instruct'),
    head=dict(type='GenerationHead', generate=dict(max_new_tokens=8)),
    adaptations=dict(
        image=dict(
            encoder=dict(type='TransformersEncoder', model='zoo:dinov2-small', levels=6),
            connector=_connector,
            schedule=_schedule,
            soft_prompt=_prompt,
        ),
        audio=dict(
            encoder=dict(type='WhisperEncoder', model='zoo:whisper-tiny-en', levels=4, seconds=6.0),
            connector=_connector,
            schedule=_schedule,
            soft_prompt=_prompt,
        ),
    ),
    expect_trainable=2_218_752,
)

feature_cache = dict(enabled=True)

_pictures = dict(type='StampsDataset', tasks=('kind',))
_speech = dict(type='AsteriskSpeechDataset', tasks=('word',))
train_dataloader = dict(
    batch_size=16,
    shuffle=True,
    dataset=dict(type='MixedDataset', datasets=[dict(split='train', **_pictures), dict(split='train', **_speech)]),
)
val_dataloader = dict(
    batch_size=16,
    dataset=dict(type='MixedDataset', datasets=[dict(split='val', **_pictures), dict(split='val', **_speech)]),
)
test_dataloader = dict(
    batch_size=16,
    dataset=dict(type='MixedDataset', datasets=[dict(split='test', **_pictures), dict(split='test', **_speech)]),
)

optim_wrapper = dict(
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.02),
    clip_norm=1.0,
)
param_scheduler = dict(type='WarmupCosine', warmup=20)
train_cfg = dict(max_epochs=12, val_interval=4)

metrics = [dict(type='AnswerAccuracy')]
baselines = [dict(type='MajorityAnswer')]
controls = dict(shuffled_media=True)
