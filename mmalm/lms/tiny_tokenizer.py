"""A tokenizer without a vocabulary of its own: every byte is a token, so that any text encodes. For dry runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

ROLES = ('bos', 'eos', 'pad', 'unk', 'sep', 'cls', 'mask')
END = '<end>'
# what these kinds' own tokenizers put around every text
AROUND_TEXT = {
    'opt': '{bos} $A',
    'llama': '{bos} $A',
    'mistral': '{bos} $A',
    'bert': '{cls} $A {sep}',
    'roberta': '{bos} $A {eos}',
    't5': '$A {eos}',
}


def write_byte_tokenizer(folder: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Save a byte tokenizer in transformers' format, with the special tokens that a model's configuration names.

    Args:
        folder: where it is written.
        facts: the model's configuration: its ``model_type`` and ``*_token_id``. Roles that share an id share a token here too.

    Returns:
        what must change in the configuration: ``vocab_size`` and every ``*_token_id``.
    """
    named = {key: value for key, value in facts.items() if key.endswith('_token_id') and value is not None}
    first = {key: value[0] if isinstance(value, Sequence) else value for key, value in named.items()}
    every = [v for value in named.values() for v in (value if isinstance(value, Sequence) else [value])]
    ids = {old: new for new, old in enumerate(dict.fromkeys(every))}
    tokens = {old: f'<special{new}>' for old, new in ids.items()}
    special = [AddedToken(token, special=True, normalized=False) for token in tokens.values()]
    roles = {role: tokens[first[f'{role}_token_id']] for role in ROLES if f'{role}_token_id' in first}
    template = AROUND_TEXT.get(facts.get('model_type'), '')
    # some configurations leave it to their tokenizer to say
    unsaid = {'eos': END, **{role: f'<{role}>' for role in ('cls', 'sep') if f'{{{role}}}' in template}}
    for role, token in unsaid.items():
        if role not in roles:
            special.append(AddedToken(token, special=True, normalized=False))
            roles[role] = token

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys([*map(str, special), *alphabet]))}
    backend = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    backend.add_special_tokens(special)
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    around = {role: token for role, token in roles.items() if f'{{{role}}}' in template}
    if around and (len(around) == template.count('{')):
        backend.post_processor = processors.TemplateProcessing(
            single=template.format(**around), special_tokens=[(token, vocabulary[token]) for token in around.values()]
        )
    names = {f'{role}_token': token for role, token in roles.items()}
    PreTrainedTokenizerFast(tokenizer_object=backend, **names).save_pretrained(folder)

    changes: dict[str, Any] = {
        key: [ids[v] for v in value] if isinstance(value, Sequence) else ids[value] for key, value in named.items()
    }
    # as published vocabularies do, the matrix has some rows to spare
    return {**changes, 'vocab_size': -(-len(vocabulary) // 64) * 64}
