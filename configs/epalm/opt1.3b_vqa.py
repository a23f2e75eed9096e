"""eP-ALM on VQA v2 with OPT-1.3B: opt2.7b_vqa.py on a language model of 24 layers; 1.26 % trains.

The released layers, 19 to 30, are not all there: the three deepest levels of the encoder and their connectors would never be used.
Layers 11 to 22 are to 24 what 19 to 30 are to 32: the twelve before the last, two for each level.
"""

_base_ = ['opt2.7b_vqa.py']

model = dict(
    language_model=dict(model='facebook/opt-1.3b'),
    schedule=dict(start=11, end=23),
    expect_trainable=17_862_656,
)
