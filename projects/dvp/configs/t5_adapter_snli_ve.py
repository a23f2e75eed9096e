"""DVP on SNLI-VE (arXiv 2306.00409): T5-base with adapters."""

_base_ = ['_base_/snli_ve.py', '_base_/t5_adapter.py']

model = dict(
    head=dict(answers=['contradiction', 'neutral', 'entailment']),
    expect_trainable=12_501_123,
)
# the classifier learns at the rate of all
optim_wrapper = dict(groups=[dict(patterns=['*.bias', '*[Nn]orm*', 'head.classifier.1.weight'], weight_decay=0.0)])
search = dict(epochs=1)
