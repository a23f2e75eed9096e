_base_ = ['../../../_base_/stamps_caption.py', '../../../_base_/methods/frozen.py']

# what the encoder gives changes as it trains
feature_cache = dict(_delete_=True, enabled=False)
