"""DVP on ScienceQA (arXiv 2306.00409): LLaMA-7B generates answer and explanation; one prompt token, asked for by the mean of the
question's states, enters at layer 4. In training, too, it is seen: in the released code it is not.

Samples without a picture are plain text. Adapters stand behind each attention, 8 wide, where the released code has LaVIN's in
front of it.
"""

_base_ = ['../../../configs/_base_/default_runtime.py', '../../../configs/_base_/scienceqa.py']

precision = 'bf16'
model = dict(
    type='AugmentedLM',
    encoder=dict(type='TransformersEncoder', model='openai/clip-vit-large-patch14', levels=1, normed=False),
    connector=dict(type='CrossAttentionPrompt', query='mean', width=512, heads=16),
    language_model=dict(type='CausalLM', model='huggyllama/llama-7b', dtype='bfloat16', gradient_checkpointing=True),
    schedule=dict(type='SingleLayer', layer=4),  # the released scripts' layer
    head=dict(
        type='GenerationHead',
        question_format='{question}',
        answer_format='{answer}',
        rank=False,
        generate=dict(max_new_tokens=64),
    ),
    adapters=[dict(type='BottleneckAdapter', place='attention', reduction=512, activation='silu', init='identity')],
    skip_blank=True,
    expect_trainable=7_479_040,
)
train_dataloader = dict(batch_size=8)  # times optim_wrapper.accumulate
optim_wrapper = dict(
    optimizer=dict(type='AdamW', lr=1.25e-3, betas=(0.9, 0.95), weight_decay=0.05),
    accumulate=4,
)
param_scheduler = dict(type='WarmupCosine', warmup=0.1)
train_cfg = dict(max_epochs=20)
default_hooks = dict(checkpoint=dict(best='scienceqa/overall', rule='greater', interval_minutes=30))
search = dict(reward='likelihood', epochs=2)
