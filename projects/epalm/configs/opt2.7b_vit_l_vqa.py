"""eP-ALM on VQA v2 with the encoder ViT-L/16: configs/epalm/opt2.7b_vqa.py otherwise."""

_base_ = ['../../../configs/epalm/opt2.7b_vqa.py']

model = dict(encoder=dict(model='vit_large_patch16_224.augreg_in21k_ft_in1k'), expect_trainable=28_881_920)
