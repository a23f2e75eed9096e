"""Small copies of model configurations for dry runs: widths shrink, depth, options and proportions stay."""

from collections.abc import Mapping
from typing import Any

HEADS = ('num_attention_heads', 'n_head', 'num_heads')
WIDTHS = ('hidden_size', 'n_embd', 'd_model', 'embed_dim')
HEAD_WIDTHS = ('head_dim', 'd_kv')
# in proportion to the width, where they are stated at all
IN_PROPORTION = ('intermediate_size', 'ffn_dim', 'n_inner', 'd_ff', 'word_embed_proj_dim', 'projection_dim')
# what a saved configuration says besides the architecture
NOT_ARCHITECTURE = ('_name_or_path', 'architectures', 'transformers_version', 'dtype', 'torch_dtype')
MOST_HEADS = 4
FIRST_STAGE = 16  # channels of a pyramid's first stage


def shrink_widths(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A transformers configuration with tiny widths.

    What decides the wiring stays: number of layers and stages, groups of key heads, heads of a width apart from the
    model's (Qwen3), token embeddings narrower than the model (OPT-350M), switches, dropout, positions, vocabulary.

    Args:
        facts: the configuration, as ``config.to_dict()`` gives it.

    Returns:
        ``facts`` with widths of about 64.
    """
    facts = architecture_of(facts)
    heads = next((facts[name] for name in HEADS if facts.get(name)), None)
    if isinstance(heads, (list, tuple)):  # Swin: the width doubles from stage to stage, as the heads do
        return {**facts, 'embed_dim': 8 * heads[0]}
    if facts.get('hidden_sizes'):
        return {**facts, **_narrow_stages(facts)}
    width_name = next((name for name in WIDTHS if facts.get(name)), None)
    if width_name is None or heads is None:
        return facts
    small = dict(facts)
    width, groups = facts[width_name], facts.get('num_key_value_heads') or heads
    ratio = heads // groups
    few = min(groups, MOST_HEADS if ratio == 1 else 2)
    per_head = 16 if few * ratio <= MOST_HEADS else 8
    own = next((facts[name] for name in HEAD_WIDTHS if facts.get(name)), width / heads)
    # where heads have a width apart from the model's, together they keep their proportion to it
    small_width = max(8, round(few * ratio * per_head * width / (heads * own)))
    if small_width >= width:
        return facts
    for name in HEADS:
        if facts.get(name):
            small[name] = few * ratio
    if facts.get('num_key_value_heads'):
        small['num_key_value_heads'] = few
    for name in HEAD_WIDTHS:
        if facts.get(name):
            small[name] = per_head
    small[width_name] = small_width
    for name in IN_PROPORTION:
        if isinstance(facts.get(name), int):
            small[name] = max(8, round(facts[name] * small_width / width))
    return small


def architecture_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration without what is said of its weights."""
    return {name: value for name, value in facts.items() if name not in NOT_ARCHITECTURE}


def _narrow_stages(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Channels of a pyramid (ResNet, ConvNeXt), in their proportion to each other."""
    stages = list(facts['hidden_sizes'])
    factor = min(1.0, FIRST_STAGE / stages[0])
    small = {'hidden_sizes': [max(8, round(width * factor)) for width in stages]}
    if facts.get('embedding_size'):
        small['embedding_size'] = max(8, round(facts['embedding_size'] * factor))
    return small
