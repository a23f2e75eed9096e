"""eP-ALM pt-L with CLIP's ViT-L/14 on COCO captions: where opt6.7b_clip_vit_l_cc3m.py is tested without examples."""

_base_ = ['opt6.7b_vit_l_coco.py']

model = dict(encoder=dict(model='vit_large_patch14_clip_224.openai'))
