"""How DVP trains (arXiv 2306.00409, released code): AdamW, linear warm-up and decay; biases and norms do not decay; the head learns
ten times as fast as the rest."""

_base_ = ['../../../../configs/_base_/default_runtime.py']

precision = 'bf16'
optim_wrapper = dict(
    optimizer=dict(type='AdamW', lr=1e-4, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.01),
    groups=[
        dict(patterns=['head.*.bias', 'head.classifier.1.weight'], lr_mult=10, weight_decay=0.0),
        dict(patterns=['head.*'], lr_mult=10),
        dict(patterns=['*.bias', '*[Nn]orm*'], weight_decay=0.0),
    ],
)
param_scheduler = dict(type='WarmupLinear', warmup=0.1)
train_cfg = dict(max_epochs=10)
# rewards come from a part of the training pictures, never from what is reported on
search = dict(share=0.02, epochs=2)
