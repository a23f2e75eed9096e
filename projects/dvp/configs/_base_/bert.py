"""DVP in BERT-base: what [CLS] asks of CLIP's tokens is one prompt in front of the text; everything but CLIP trains."""

model = dict(
    type='AugmentedLM',
    # all 197 tokens as they leave the last block, which the released code reads before CLIP's final norm
    encoder=dict(type='TransformersEncoder', model='openai/clip-vit-base-patch16', levels=1, final_norm='none'),
    connector=dict(type='CrossAttentionPrompt', query='cls', token_types=True),
    language_model=dict(type='EncoderLM', model='google-bert/bert-base-uncased'),
    schedule=dict(type='SingleLayer', layer=0),  # replaced by what a search finds: --placement
    head=dict(type='ClassificationHead', max_tokens=16, hidden=1536),
    trainable=['connector.*', 'head.*', 'language_model.*'],
    live=['language_model.*'],
)
