"""DVP on LLaMA-7B with adapters and CLIP's ViT-B/16, whatever it classifies; of LLaMA itself the norms train."""

_adapter = dict(type='BottleneckAdapter', reduction=64, activation='silu', init='identity')
model = dict(
    type='AugmentedLM',
    encoder=dict(type='TransformersEncoder', model='openai/clip-vit-base-patch16', levels=1, normed=False),
    connector=dict(type='CrossAttentionPrompt', query='eos', width=512, heads=16),
    language_model=dict(type='CausalLM', model='huggyllama/llama-7b', dtype='bfloat16'),
    schedule=dict(type='SingleLayer', layer=0),  # or what tools/search_placement.py finds
    head=dict(type='ClassificationHead', hidden=512),
    adapters=[dict(place='attention', **_adapter), dict(place='mlp', **_adapter)],
    trainable=['connector.*', 'adapters.*', 'head.*', 'language_model.*norm*'],
)
optim_wrapper = dict(
    optimizer=dict(type='AdamW', lr=5e-4, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.2),
    groups=[dict(patterns=['*.bias', '*[Nn]orm*', 'head.classifier.1.weight'], weight_decay=0.0)],
    accumulate=4,
)
search = dict(share=0.02, lr=1e-4, epochs=2)
