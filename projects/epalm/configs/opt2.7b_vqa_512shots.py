"""eP-ALM on VQA v2 from 512 of the training questions (arXiv 2303.11403, data efficiency): the same ones for every method."""

_base_ = ['../../../configs/epalm/opt2.7b_vqa.py']

train_dataloader = dict(dataset=dict(limit=512))
# one update is 64 questions: there are few
optim_wrapper = dict(accumulate=1)
param_scheduler = dict(warmup=400)
train_cfg = dict(max_epochs=100)
