"""Rebuilding a recorded DVP case: a text model, one visual prompt at one layer, adapters, a classifier.

Legend: B batch, N visual tokens, D their width, L text length, H LM width, C answers.
"""

import json
from collections.abc import Mapping

from torch import Tensor, nn

from ..connectors import CrossAttentionPrompt
from ..encoders.perception import Perception
from ..errors import ConfigError
from ..heads.classifier import Classifier
from ..injection import Injected, QueriedTokens
from ..injection.schedules import SingleLayer
from ..lms import CausalLM, EncoderLM
from ..lms.base import LanguageModel
from ..tuning import BottleneckAdapter
from .weights import load_recorded

# of each language model: how it is wrapped, under which name its recorded weights lie, whose state asks, the adapters' activation
KINDS = {'bert': (EncoderLM, '', 'cls', 'relu'), 'llama': (CausalLM, 'model.', 'eos', 'silu')}
QUIET = {'hidden_dropout_prob': 0.0, 'attention_probs_dropout_prob': 0.0}


def compare_dvp(settings: dict[str, str], tensors: dict[str, Tensor]) -> dict[str, float]:
    """Largest absolute difference of each recorded output.

    Args:
        settings: the case's metadata: ``lm``, ``lm_config``, ``insert_layer``, ``cross_attention_heads``, ``adapter``, ...
        tensors: ``lm.*``, ``cross_attn.*``, ``token_type_embeddings.*``, ``adapter_modules.*``, ``vqa_classifier.*``,
            ``visual_tokens [B, N, D]``, inputs and outputs.
    """
    name = settings.get('lm')
    if name not in KINDS:
        raise ConfigError(f'a recorded DVP case is of {" or ".join(KINDS)}, this one says {name!r}.')
    wrap, inside, query, activation = KINDS[name]
    lm = wrap(config={'model_type': name, **QUIET, **json.loads(settings['lm_config'])}, attention='eager')
    load_recorded(lm.model.get_submodule(inside.rstrip('.')) if inside else lm.model, tensors, 'lm.', ('pooler.',))
    connector = _connector(settings, tensors, lm, query)
    adapters = _adapters(settings, tensors, lm, activation) if settings['adapter'] == 'True' else []
    ids, mask = tensors['input_ids'], tensors['attention_mask']
    perception = Perception(tensors['visual_tokens'][:, :1], [tensors['visual_tokens']])

    def make(source: int, rows: Tensor, hidden: Tensor, span: Tensor) -> Tensor:
        return connector.query(perception.select(rows), source, hidden, span)

    plan = SingleLayer(int(settings['insert_layer'])).plan(lm.num_layers, 1)
    tokens = QueriedTokens(make, mask.bool(), 1, shift=connector.shift)
    states = lm.states(ids, mask, injection=Injected(lm.injector(plan), tokens, adapters=adapters))
    feature = lm.feature(states, mask)
    found = {'cls_feature': feature, 'feature': feature, 'logits': _classifier(tensors)(feature)}
    return {
        output: (tensor - tensors[output]).abs().max().item() for output, tensor in found.items() if output in tensors
    }


def _connector(settings: dict[str, str], tensors: Mapping[str, Tensor], lm: LanguageModel, query: str) -> nn.Module:
    names = {'q': 'to_query', 'k': 'to_key', 'v': 'to_value', 'merge': 'leave'}
    renamed = {
        f'place.{ours}.{part}': tensors[f'cross_attn.linear_{theirs}.{part}']
        for theirs, ours in names.items()
        for part in ('weight', 'bias')
    }
    typed = 'token_type_embeddings.weight' in tensors
    if typed:
        renamed['place.token_types.weight'] = tensors['token_type_embeddings.weight']
    width = len(tensors['cross_attn.linear_q.bias'])
    connector = CrossAttentionPrompt(
        [tensors['visual_tokens'].shape[-1]],
        lm.hidden_size,
        query=query,
        width=width,
        heads=int(settings['cross_attention_heads']),
        start='released',
        token_types=typed,
    )
    load_recorded(connector.places[0], renamed, 'place.')
    return connector.eval()


def _adapters(
    settings: dict[str, str], tensors: Mapping[str, Tensor], lm: LanguageModel, activation: str
) -> list[nn.Module]:
    made = []
    for offset, place in enumerate(('attention', 'mlp')):
        adapter = BottleneckAdapter(
            place, lm.hidden_size, lm.num_layers, reduction=int(settings['adapter_reduction']), activation=activation
        )
        renamed = {
            f'adapter.layers.{layer}.{ours}.{part}': tensors[f'adapter_modules.{2 * layer + offset}.{theirs}.{part}']
            for layer in range(lm.num_layers)
            for theirs, ours in (('down_sampler', 'down'), ('up_sampler', 'up'))
            for part in ('weight', 'bias')
        }
        load_recorded(adapter, renamed, 'adapter.')
        made.append(adapter)
    return made


def _classifier(tensors: Mapping[str, Tensor]) -> nn.Module:
    hidden, width = tensors['vqa_classifier.0.weight'].shape
    classifier = Classifier(width, hidden, len(tensors['vqa_classifier.3.bias']))
    load_recorded(classifier, tensors, 'vqa_classifier.')
    return classifier
