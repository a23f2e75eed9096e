"""DVP on VQA v2 (arXiv 2306.00409): LLaMA-7B with adapters."""

_base_ = ['_base_/vqa.py', '_base_/llama.py']

model = dict(
    head=dict(answers='data/vqav2/vocabulary.json', classes=3129, loss='soft_bce'),
    expect_trainable=42_778_681,
)
train_dataloader = dict(batch_size=64)  # times optim_wrapper.accumulate
