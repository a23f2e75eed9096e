"""DVP on parts that need no model hub: SmolLM2 reads the question, DINOv2 ViT-S sees the Tux Paint stamp, a classifier answers.

python tools/search_placement.py configs/quickstart/dvp_smollm2_stamps.py
python tools/train.py configs/quickstart/dvp_smollm2_stamps.py --placement auto
"""

_base_ = ['dvp_minilm_stamps.py']

model = dict(
    connector=dict(query='eos', width=384, heads=6),
    language_model=dict(_delete_=True, type='CausalLM', model='zoo:smollm2-135m-instruct'),
)

optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_epochs=12, val_interval=3)

# every third layer: a search among 30 takes thrice the time
search = dict(layers=list(range(0, 30, 3)), every=8)
