"""SmolLM2-135M and DINOv2 ViT-S at 112 x 112 pixels, 8 x 8 patches, both frozen: what all methods of the comparison stand on."""

model = dict(
    type='AugmentedLM',
    encoder=dict(type='TransformersEncoder', model='zoo:dinov2-small', levels=1, image_size=112),
    language_model=dict(type='CausalLM', model='zoo:smollm2-135m-instruct'),
    head=dict(type='GenerationHead', generate=dict(max_new_tokens=16)),
)
