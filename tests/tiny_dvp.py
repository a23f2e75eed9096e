"""DVP in miniature as a user has it: a config file, a text encoder's folder and a folder of stamps."""

import re
from pathlib import Path

from stamps_fixture import write_stamps
from tiny import WORDS, tiny_tokenizer
from tiny_pictures import VIT
from tiny_text import tiny_text_lm

from mmalm.datasets.stamps_categories import KINDS

CONFIG = """\
model = dict(
    type='AugmentedLM',
    encoder=dict(type='TransformersEncoder', config={vit}, levels=1),
    connector=dict(type='CrossAttentionPrompt', heads=2, dropout=0.0),
    language_model=dict(type='EncoderLM', model={lm!r}),
    schedule=dict(type='SingleLayer', layer=0),
    head=dict(type='ClassificationHead', answers={answers}, hidden=16, max_tokens=16),
)
feature_cache = dict(enabled=True, folder={features!r})
_data = dict(type='StampsDataset', root={stamps!r}, tasks=('kind',))
train_dataloader = dict(batch_size=8, shuffle=True, dataset=dict(split='train', **_data))
val_dataloader = dict(batch_size=16, dataset=dict(split='val', **_data))
test_dataloader = dict(batch_size=16, dataset=dict(split='test', **_data))
train_cfg = dict(max_epochs=1)
optim_wrapper = dict(optimizer=dict(type='AdamW', lr=0.01), clip_norm=1.0)
param_scheduler = dict(type='WarmupCosine', warmup=2)
metrics = [dict(type='AnswerAccuracy')]
default_hooks = dict(checkpoint=dict(type='CheckpointHook', best='classified/overall'))
search = dict(searcher=dict(type='GradientBandit'), share=0.3, batch_size=6)
seed = 1
"""


def write_dvp(folder: Path) -> Path:
    """Write all of it below ``folder``; returns the config file, whose paths are absolute."""
    stamps = write_stamps(folder / 'stamps')
    lm = folder / 'lm'
    tiny_text_lm('bert').model.save_pretrained(lm)
    tiny_tokenizer([*WORDS, *re.findall(r'\w+', ' '.join(KINDS))]).save_pretrained(lm)
    file = folder / 'dvp.py'
    values = {'lm': str(lm), 'stamps': str(stamps), 'features': str(folder / 'features')}
    file.write_text(CONFIG.format(**values, vit=VIT, answers=list(KINDS)))
    return file
