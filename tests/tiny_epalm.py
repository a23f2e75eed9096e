"""eP-ALM in miniature as a user has it: a config file, a language model's folder and a folder of stamps."""

import re
from pathlib import Path

from stamps_fixture import write_stamps
from tiny import WORDS, save_tiny_lm, tiny_tokenizer
from tiny_pictures import VIT

from mmalm.datasets.stamps_categories import ANIMAL_KINDS, KINDS

TASKS = ('kind', 'animal', 'name', 'yesno', 'caption')
CONFIG = """\
model = dict(
    type='AugmentedLM',
    encoder=dict(type='TransformersEncoder', config={vit}, levels=2),
    connector=dict(type='LinearConnector', shared=False),
    language_model=dict(type='CausalLM', model={lm!r}),
    schedule=dict(type='LayerwiseReplace', start=2, end=6),
    soft_prompt=dict(type='SoftPrompt', length=1),
    head=dict(type='GenerationHead', rank=True, generate=dict(max_new_tokens=3)),
    trainable=['connector.*', 'soft_prompt.*'],
)
feature_cache = dict(enabled=True, folder={features!r})
_data = dict(type='StampsDataset', root={stamps!r}, tasks={tasks}, transform=dict(type='ImageTransform'))
train_dataloader = dict(batch_size=16, shuffle=True, dataset=dict(split='train', **_data))
val_dataloader = dict(batch_size=16, dataset=dict(split='val', **_data))
test_dataloader = dict(batch_size=16, dataset=dict(split='test', **_data))
train_cfg = dict(max_epochs=2)
optim_wrapper = dict(optimizer=dict(type='AdamW', lr=0.02), clip_norm=1.0)
param_scheduler = dict(type='WarmupCosine', warmup=2)
metrics = [dict(type='AnswerAccuracy')]
baselines = [dict(type='MajorityAnswer'), dict(type='KNearestNeighbours'), dict(type='LinearProbe')]
controls = dict(shuffled_media=True)
default_hooks = dict(checkpoint=dict(type='CheckpointHook', best='ranked/overall'))
seed = 1
"""


def write_epalm(folder: Path) -> Path:
    """Write all of it below ``folder``; returns the config file, whose paths are absolute."""
    stamps = write_stamps(folder / 'stamps')
    lm = save_tiny_lm(folder / 'lm')
    captions = ' '.join(text.read_text(encoding='utf-8').split('\n')[0] for text in sorted(stamps.rglob('*.txt')))
    words = re.findall(r'\w+|[^\w\s]', ' '.join([*KINDS, *ANIMAL_KINDS, captions, captions.lower()]))
    tiny_tokenizer([*WORDS, *words]).save_pretrained(lm)
    file = folder / 'epalm.py'
    values = dict(lm=str(lm), stamps=str(stamps), features=str(folder / 'features'), vit=VIT, tasks=TASKS)
    file.write_text(CONFIG.format(**values))
    return file
