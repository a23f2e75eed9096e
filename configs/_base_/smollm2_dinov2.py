"""SmolLM2-135M and DINOv2 ViT-S at 84 x 84 pixels, 6 x 6 patches, both frozen: what all methods of the comparison stand on."""

model = dict(
    type='AugmentedLM',
    encoder=dict(type='TransformersEncoder', model='zoo:dinov2-small', levels=1, image_size=84),
    language_model=dict(type='CausalLM', model='zoo:smollm2-135m-instruct'),
    head=dict(type='GenerationHead', question_format='{question}', generate=dict(max_new_tokens=16)),
)
