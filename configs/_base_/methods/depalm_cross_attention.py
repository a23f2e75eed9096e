"""DePALM-c-attn (arXiv 2403.13499), after Flamingo (2204.14198): the text attends to the last four levels before twelve inner
layers."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    encoder=dict(levels=4),
    connector=dict(type='GatedCrossAttention', blocks=12, width=384, shared=True, ratio=0, gate_rate=10.0),
    schedule=dict(type='CrossAttend', start=15),
    soft_prompt=dict(type='SoftPrompt', length=4, init_std=0.1),
    expect_trainable=1_927_105,
)
