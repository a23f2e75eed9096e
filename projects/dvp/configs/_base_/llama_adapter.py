"""DVP in LLaMA-7B with adapters: what the end of the text asks is one prompt in front of it; LLaMA is frozen but for its norms.

The adapters begin as the identity; released, both of their maps are Xavier-uniform, far from it.
"""

_adapter = dict(type='BottleneckAdapter', reduction=64, activation='silu', init='identity')
model = dict(
    type='AugmentedLM',
    encoder=dict(type='TransformersEncoder', model='openai/clip-vit-base-patch16', levels=1, final_norm='none'),
    connector=dict(type='CrossAttentionPrompt', query='eos', width=512, heads=16),
    language_model=dict(type='CausalLM', model='huggyllama/llama-7b', dtype='bfloat16'),
    schedule=dict(type='SingleLayer', layer=0),  # replaced by what a search finds: --placement
    head=dict(type='ClassificationHead', hidden=512),
    adapters=[dict(place='attention', **_adapter), dict(place='mlp', **_adapter)],
    trainable=['connector.*', 'head.*', 'adapters.*', 'language_model.*norm*'],
)
