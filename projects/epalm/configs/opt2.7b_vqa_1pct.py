"""eP-ALM on VQA v2 from 1 % of the training pictures (arXiv 2303.11403, data efficiency): the same ones for every method."""

_base_ = ['../../../configs/epalm/opt2.7b_vqa.py']

train_dataloader = dict(dataset=dict(limit=0.01))
# one update is 64 questions: there are few
optim_wrapper = dict(accumulate=1)
param_scheduler = dict(warmup=400)
train_cfg = dict(max_epochs=30)
