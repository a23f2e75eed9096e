"""DVP (arXiv 2306.00409) on VQA v2: LLaMA-7B, CLIP ViT-B/16; adapters and norms train. See ../README.md."""

_base_ = ['_base_/llama_adapter.py', '_base_/vqav2.py']

model = dict(
    head=dict(answers='data/vqav2/vocabulary.json', classes=3129, loss='soft_bce'), expect_trainable=42_778_681
)
# 64 x 4 = 256 a step
train_dataloader = dict(batch_size=64)
optim_wrapper = dict(
    optimizer=dict(lr=5e-4, weight_decay=0.2),
    groups=[dict(patterns=['*.bias', '*[Nn]orm*', 'head.classifier.1.weight'], weight_decay=0.0)],
    accumulate=4,
)
search = dict(lr=1e-4)
