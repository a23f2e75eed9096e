"""dvp_smollm2_stamps.py without a visual prompt: what the question alone gives away."""

_base_ = ['../../dvp_smollm2_stamps.py']

model = dict(connector=None, schedule=None)
