"""Nothing perceived: a learned prompt alone. What a method is to beat before it has shown that it sees."""

_base_ = ['../smollm2_dinov2.py']

model = dict(
    connector=None,
    schedule=None,
    soft_prompt=dict(type='SoftPrompt', length=8, init_std=0.1),
    expect_trainable=4_608,
)
