"""eP-ALM on OPT-2.7B and ViT-B/16 as published (arXiv 2303.11403), whatever it is trained on: six linear connectors and a soft
prompt with its MLP; 0.90 % trains. A config adds data, the texts of its task and its number of epochs."""

model = dict(
    type='AugmentedLM',
    encoder=dict(type='TimmEncoder', model='vit_base_patch16_224.augreg_in21k_ft_in1k', levels=6),
    connector=dict(type='LinearConnector', shared=False),
    language_model=dict(type='CausalLM', model='facebook/opt-2.7b', dtype='bfloat16'),
    schedule=dict(type='LayerwiseReplace', start=19, end=31),
    soft_prompt=dict(type='SoftPrompt', length=10, mlp=True),
    head=dict(type='GenerationHead', rank=False, generate=dict(num_beams=3, max_new_tokens=10)),
    trainable=['connector.*', 'soft_prompt.*'],
    expect_trainable=24_949_760,
)
optim_wrapper = dict(
    optimizer=dict(type='AdamW', lr=2e-5, weight_decay=0.02),
    groups=[dict(patterns=['soft_prompt.*'], lr=1e-5, schedule=False)],
)
# of 2e-5: from 1e-5 over 400 steps, down to 1e-6; it counts batches, so times optim_wrapper.accumulate
param_scheduler = dict(type='WarmupCosine', warmup=400, start=0.5, end=0.05)
