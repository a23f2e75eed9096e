"""eP-ALM on VQA v2 (arXiv 2303.11403): OPT-2.7B and ViT-B/16, six linear connectors, soft prompt with its MLP; 0.90 % trains.

python tools/train.py configs/epalm/opt2.7b_vqa.py

The published recipe, with what differs from the released code:

- The answer alone is the loss's target, as a mean over its tokens. Released: question, separator and answer, summed and times 0.1.
- A perceptual token is causal. Released: it sees the whole text and padding, answers included.
- Pictures are normalised as the ViT was trained, with timm's 0.5, and not mirrored where left or right is asked about. Released:
  CLIP's statistics, and mirrored also then.
- Question and answer are told apart by 'Question: .. Answer:'. Released: by a token the language model was never trained on.
- Chosen by 2 % of the training pictures, so reported on pictures that chose nothing.
- The learning rate follows one curve by iteration: up from half of it over 400 steps, then half a cosine. Released: up in four
  stairs of 100 steps, full for the rest of the first epoch, then the same cosine in one stair an epoch. The prompt's is constant
  in both.
- bfloat16 throughout the frozen language model, where the released code has float16; dropout in frozen parts is off.

opt2.7b_vqa_released.py is the released behaviour.
"""

_base_ = ['../_base_/default_runtime.py', '../_base_/vqav2.py', '../_base_/epalm_opt2.7b.py']

precision = 'bf16'
# 64 x 4 = 256 questions a step, as published
train_dataloader = dict(batch_size=64)
optim_wrapper = dict(accumulate=4)
param_scheduler = dict(warmup=1600)  # 400 steps of 4 batches each
train_cfg = dict(max_epochs=8)

default_hooks = dict(checkpoint=dict(best='vqa/overall', rule='greater', interval_minutes=30))
