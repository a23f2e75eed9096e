"""dvp_minilm_stamps.py with all 37 visual tokens, projected, in front of the question in place of one prompt."""

_base_ = ['../../dvp_minilm_stamps.py']

model = dict(connector=dict(_delete_=True, type='TokenConnector', tokens='all'))
search = dict(separate=False)
