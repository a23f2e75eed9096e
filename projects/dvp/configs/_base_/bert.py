"""DVP on BERT-base and CLIP's ViT-B/16, whatever it is trained on; all of BERT trains ('full')."""

model = dict(
    type='AugmentedLM',
    encoder=dict(type='TransformersEncoder', model='openai/clip-vit-base-patch16', levels=1, normed=False),
    connector=dict(type='CrossAttentionPrompt', query='cls', token_types=True),
    language_model=dict(type='EncoderLM', model='google-bert/bert-base-uncased'),
    schedule=dict(type='SingleLayer', layer=0),  # or what tools/search_placement.py finds
    head=dict(type='ClassificationHead', hidden=1536, max_tokens=16),
    trainable=['connector.*', 'head.*', 'language_model.*'],
)
optim_wrapper = dict(
    optimizer=dict(type='AdamW', lr=1e-4, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.01),
    groups=[
        dict(patterns=['head.*.bias', 'head.classifier.1.weight'], lr_mult=10, weight_decay=0.0),
        dict(patterns=['head.*'], lr_mult=10),
        dict(patterns=['*.bias', '*[Nn]orm*'], weight_decay=0.0),
    ],
)
search = dict(share=0.02, lr=1e-4, epochs=2)
