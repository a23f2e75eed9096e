"""DePALM-QP,L0 (arXiv 2403.13499): 8 queries pool the tokens of the last level; in front of the text."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    connector=dict(type='QueryPooling', tokens=8, width=384, layers=2),
    schedule=dict(type='InputPrefix'),
    soft_prompt=dict(type='SoftPrompt', length=1, init_std=0.1),
    expect_trainable=2_150_400,
)
