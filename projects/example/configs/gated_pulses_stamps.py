"""The quickstart with a gated connector and a schedule of pulses.

python tools/train.py projects/example/configs/gated_pulses_stamps.py
"""

_base_ = ['../../../configs/quickstart/epalm_smollm2_stamps.py']

custom_imports = dict(imports=['projects.example'])

model = dict(
    connector=dict(_delete_=True, type='GatedConnector'),
    schedule=dict(_delete_=True, type='Pulses', start=12, every=3),
    expect_trainable=1_334_598,
)
