"""DVP on SNLI-VE (arXiv 2306.00409): BERT-base, all of which trains."""

_base_ = ['_base_/snli_ve.py', '_base_/bert.py']

model = dict(
    head=dict(answers=['contradiction', 'neutral', 'entailment']),
    expect_trainable=112_445_955,
)
# the classifier learns at the rate of all
optim_wrapper = dict(groups=[dict(patterns=['*.bias', '*[Nn]orm*', 'head.classifier.1.weight'], weight_decay=0.0)])
search = dict(epochs=1)
