"""DVP on T5-base and CLIP's ViT-B/16, whatever it is trained on; all of T5 trains ('full'). The prompt enters the decoder."""

model = dict(
    type='AugmentedLM',
    encoder=dict(type='TransformersEncoder', model='openai/clip-vit-base-patch16', levels=1, normed=False),
    connector=dict(type='CrossAttentionPrompt', query='mean', token_types=True),
    language_model=dict(type='Seq2SeqLM', model='google-t5/t5-base', insert_into='decoder'),
    schedule=dict(type='SingleLayer', layer=0),  # or what tools/search_placement.py finds
    head=dict(type='ClassificationHead', hidden=1536, max_tokens=16),
    trainable=['connector.*', 'head.*', 'language_model.*'],
)
optim_wrapper = dict(
    optimizer=dict(type='AdamW', lr=2e-4, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.01),
    groups=[
        dict(patterns=['head.*.bias', 'head.classifier.1.weight'], lr_mult=10, weight_decay=0.0),
        dict(patterns=['head.*'], lr_mult=10),
        dict(patterns=['*.bias', '*[Nn]orm*'], weight_decay=0.0),
    ],
)
search = dict(share=0.02, lr=2e-4, epochs=2)
