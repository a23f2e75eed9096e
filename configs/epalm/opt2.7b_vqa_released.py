"""opt2.7b_vqa.py as the code released with arXiv 2303.11403 behaves, its faults included: to compare with, not to build on.

- Question, separator and answer are the loss's targets, summed over a sample's tokens and times 0.1.
- A perceptual token sees the whole text, answers and padding included: labels leak in training, decoding keeps no cache.
- Pictures are mirrored now and then, also where left or right is asked about, and normalised with CLIP's statistics.
- '</a>', between question and answer, is a token that nobody trained.
- The dropout of the frozen language model is awake.
- Karpathy's splits, from VL-adapter's files (docs/vqa.md), scored by the older script.

Not as released: bfloat16 for float16; batches padded on the left, where the released decoding starts from padding; ten tokens for
an answer, where there the question's count; the learning rate by iteration, as opt2.7b_vqa.py says.
"""

_base_ = ['opt2.7b_vqa.py']

_clip = dict(mean=(0.48145466, 0.4578275, 0.40821073), std=(0.26862954, 0.26130258, 0.27577711))
model = dict(
    encoder=dict(preprocessing=_clip),
    language_model=dict(added_tokens=['</a>']),
    # the questions of the files end with '?' already
    head=dict(
        question_format='{question}?</a>',
        answer_format='{answer}',
        targets='text',
        reduction='sample_sum',
        weight=0.1,
    ),
    visibility='all',
    live=['language_model.*'],
)

_annotations = ['v2_mscoco_train2014_annotations.json', 'v2_mscoco_val2014_annotations.json']
_humans = [f'data/vl_adapter/vqa/{name}' for name in _annotations]
_plain = dict(type='ImageTransform')
_mirrored = dict(type='ImageTransform', augment=dict(scale=(0.5, 1.0), flip='always', randaugment=(2, 7)))
_files = dict(_delete_=True, type='VLAdapterVQADataset')
train_dataloader = dict(dataset=dict(split='karpathy_train', transform=_mirrored, **_files))
val_dataloader = dict(dataset=dict(split='karpathy_val', annotations=_humans, transform=_plain, **_files))
test_dataloader = dict(dataset=dict(split='karpathy_test', annotations=_humans, transform=_plain, **_files))
metrics = [dict(type='VQAAccuracy', script='older')]
