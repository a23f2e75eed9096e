"""DVP in T5-base: what the mean of the encoded text asks of CLIP's tokens is one prompt in the decoder, in front of the start
token; everything but CLIP trains."""

model = dict(
    type='AugmentedLM',
    encoder=dict(type='TransformersEncoder', model='openai/clip-vit-base-patch16', levels=1, final_norm='none'),
    connector=dict(type='CrossAttentionPrompt', query='mean', token_types=True),
    language_model=dict(type='Seq2SeqLM', model='google-t5/t5-base'),
    schedule=dict(type='SingleLayer', layer=0),  # replaced by what a search finds: --placement
    visibility='all',  # the prompt sees the start token, as released; there is nothing else in the decoder
    head=dict(type='ClassificationHead', max_tokens=16, hidden=1536),
    trainable=['connector.*', 'head.*', 'language_model.*'],
    live=['language_model.*'],
)
