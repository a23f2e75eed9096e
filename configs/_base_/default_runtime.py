"""What every run shares; a config that inherits replaces what it needs to."""

seed = 0
precision = 'fp32'  # or 'bf16', 'fp16' (CUDA)
default_hooks = dict(
    record=dict(type='RecordHook', interval=10),  # log.jsonl and TensorBoard
    progress=dict(type='ProgressHook', interval=20),  # the terminal
    checkpoint=dict(type='CheckpointHook', best='ranked/overall', rule='greater', interval_minutes=15),
)
custom_hooks = []
