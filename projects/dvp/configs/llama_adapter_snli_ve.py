"""DVP (arXiv 2306.00409) on SNLI-VE: LLaMA-7B, CLIP ViT-B/16; adapters and norms train. See ../README.md."""

_base_ = ['_base_/llama_adapter.py', '_base_/snli_ve.py']

model = dict(head=dict(answers=['contradiction', 'neutral', 'entailment']), expect_trainable=41_175_043)
# 64 x 2 = 128 a step
train_dataloader = dict(batch_size=64)
optim_wrapper = dict(
    optimizer=dict(lr=5e-4, weight_decay=0.2),
    groups=[dict(patterns=['*.bias', '*[Nn]orm*', 'head.classifier.1.weight'], weight_decay=0.0)],
    accumulate=2,
)
param_scheduler = dict(warmup=0.1)
train_cfg = dict(max_epochs=10)
search = dict(lr=1e-4)
