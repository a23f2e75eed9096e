"""DVP on SNLI-VE (arXiv 2306.00409): LLaMA-7B with adapters."""

_base_ = ['_base_/snli_ve.py', '_base_/llama.py']

model = dict(
    head=dict(answers=['contradiction', 'neutral', 'entailment']),
    expect_trainable=41_175_043,
)
train_dataloader = dict(batch_size=32)  # times optim_wrapper.accumulate
param_scheduler = dict(warmup=0.1)
train_cfg = dict(max_epochs=10)
