"""After PromptFuse, under the same setup (arXiv 2205.11169; 31.9 in arXiv 2303.11403): the encoder's CLS token stands in front
of the text, and 20 prompt vectors fuse the two. The encoder is narrower than OPT, so a linear projection trains too, which
PromptFuse does not have."""

_base_ = ['opt2.7b_vqa_1pct.py']

model = dict(
    encoder=dict(levels=1),
    connector=dict(_delete_=True, type='TokenConnector', tokens='cls'),
    schedule=dict(_delete_=True, type='InputPrefix'),
    soft_prompt=dict(length=20, mlp=False),
    expect_trainable=2_019_840,
)
