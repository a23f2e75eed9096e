"""DePALM-QP,inner (arXiv 2403.13499): 8 tokens pooled from the last four levels, anew for each of twelve inner layers."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    encoder=dict(levels=4),
    connector=dict(type='QueryPooling', tokens=8, targets=12, width=384, layers=2, token_norm=True),
    schedule=dict(type='LayerwiseReplace', start=15, end=27, remove_at_end=True),
    soft_prompt=dict(type='SoftPrompt', length=4, init_std=0.1),
    expect_trainable=2_165_952,
)
