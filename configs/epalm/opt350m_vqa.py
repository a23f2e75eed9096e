"""eP-ALM on VQA v2 with OPT-350M: opt1.3b_vqa.py on the smallest language model of the released scripts; 1.24 % trains.

Its token embeddings are 512 wide, its layers 1024: the soft prompt enters in front of the projection between them.
"""

_base_ = ['opt1.3b_vqa.py']

model = dict(
    language_model=dict(model='facebook/opt-350m'),
    expect_trainable=5_255_168,
)
