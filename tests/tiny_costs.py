"""Tiny configs whose costs are counted, and the closed formulas they are held against. 1 MAC = 2 FLOPs."""

from collections.abc import Mapping

from tiny import LAYERS, LM_CONFIGS, VOCABULARY, WIDTH
from tiny_pictures import VIT

from mmalm.analysis.costs import Costs, analyse
from mmalm.analysis.workload import Workload
from mmalm.config import plain

BATCH, LENGTH, ANSWER, PROMPT, LEVELS, START = 3, 11, 4, 5, 2, 2
SIZE = Workload(BATCH, LENGTH, ANSWER)
FFN = {'opt': 64, 'opt-post-norm': 64, 'gpt2': 4 * WIDTH, 'llama': 64, 'mistral': 64, 'qwen2': 64, 'qwen3': 64}


def cost_config(kind: str = 'opt', prompt: int = PROMPT, lm: dict | None = None, **changes) -> dict:
    """eP-ALM around a tiny language model; ``changes`` replace arguments of the model, ``lm`` of the language model."""
    model = dict(
        type='AugmentedLM',
        encoder=dict(type='TransformersEncoder', config=VIT, levels=LEVELS),
        connector=dict(type='LinearConnector'),
        language_model=dict(type='CausalLM', config=LM_CONFIGS[kind], **(lm or {})),
        schedule=dict(type='LayerwiseReplace', start=START),
        soft_prompt=dict(type='SoftPrompt', length=prompt) if prompt else None,
        head=dict(type='GenerationHead'),
    )
    return dict(model=model | changes, train_dataloader=dict(batch_size=BATCH))


_COUNTED: dict[str, Costs] = {}


def counted(config: Mapping, size: Workload = SIZE, model: object = None) -> Costs:
    """Costs of a config, counted once for all tests that ask, on a model of its own."""
    key = repr((plain(config['model']), config.get('precision'), size))
    if key not in _COUNTED:
        _COUNTED[key] = analyse(config, size)
    return _COUNTED[key]


def plain_costs(kind: str = 'opt') -> Costs:
    """Of :func:`cost_config` as it is."""
    return counted(cost_config(kind))


def attention_flops(queries: int, keys: int, width: int = WIDTH) -> int:
    """Scores and values of all pairs."""
    return 2 * (2 * queries * keys * width)


def linear_flops(kind: str, rows: int) -> int:
    """The linear layers of one language-model layer."""
    ffn = FFN[kind]
    if kind in ('opt', 'opt-post-norm', 'gpt2'):  # queries, keys, values, output; up, down
        macs = 4 * WIDTH * WIDTH + 2 * WIDTH * ffn
    else:  # half as many heads for keys and values; gate, up, down
        macs = 2 * WIDTH * WIDTH + 2 * WIDTH * (WIDTH // 2) + 3 * WIDTH * ffn
    return 2 * rows * macs


def widths(start: int = START) -> list[int]:
    """Perceptual tokens present at each layer."""
    return [0] * start + [1] * (LAYERS - start)


def lm_flops(kind: str, text: int, layers: range, start: int = START, backward: bool = False) -> int:
    """The layers of a pass over ``text`` columns (soft prompt included), of one sample.

    Backward makes the activations' gradients: as much as forward in linear layers, twice as much in attention.
    """
    total = 0
    for width in widths(start)[layers.start : layers.stop]:
        rows = text + width
        total += linear_flops(kind, rows) + (2 if backward else 1) * attention_flops(rows, rows)
    return total


def token_flops(kind: str, columns: int) -> int:
    """One new token over a cache, ``columns`` columns of text being there with it; all layers."""
    return sum(linear_flops(kind, 1) + attention_flops(1, columns + width) for width in widths())


def logits_flops(rows: int, width: int = WIDTH) -> int:
    return 2 * rows * width * VOCABULARY


def vit_flops() -> int:
    """The tiny ViT: 4 patches of 8 x 8 and a CLS token, 3 layers of width 8, and the pooler on CLS."""
    tokens, width = 5, 8
    layer = 2 * tokens * (4 * width * width + 2 * width * 8) + attention_flops(tokens, tokens, width)
    return 2 * 4 * width * (3 * 8 * 8) + 3 * layer + 2 * width * width
