"""eP-ALM on VQA v2 with the encoder ViT-S/16: configs/epalm/opt2.7b_vqa.py otherwise."""

_base_ = ['../../../configs/epalm/opt2.7b_vqa.py']

model = dict(encoder=dict(model='vit_small_patch16_224.augreg_in21k_ft_in1k'), expect_trainable=19_051_520)
