"""DVP on GQA (arXiv 2306.00409): LLaMA-7B with adapters."""

_base_ = ['_base_/gqa.py', '_base_/llama.py']

model = dict(
    head=dict(answers='data/gqa/trainval_label2ans.json', classes=1842),
    expect_trainable=42_118_450,
)
train_dataloader = dict(batch_size=64)  # times optim_wrapper.accumulate
