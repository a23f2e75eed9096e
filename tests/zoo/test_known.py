"""Every shipped architecture builds at its published size, and says nothing its model would not read."""

import functools

import pytest
import torch
import transformers

from mmalm.zoo import known_models
from mmalm.zoo.known import known_facts

MODELS = known_models()
ARCHITECTURES = [name for name, model in MODELS.items() if model.like is None]
# what the published weights of T5 1.1 have besides: transformers ties the output layer unless weights say otherwise
UNTIED = {'t5v1_1': lambda config: config.vocab_size * config.d_model}
# counts that stand in papers and on model pages, apart from the data
PUBLISHED = {
    'facebook/opt-2.7b': 2_651_596_800,
    'facebook/opt-6.7b': 6_658_473_984,
    'huggyllama/llama-7b': 6_738_415_616,
    'meta-llama/Llama-2-70b-hf': 68_976_648_192,
    'meta-llama/Meta-Llama-3-8B': 8_030_261_248,
    'meta-llama/Llama-3.2-1B-Instruct': 1_235_814_400,
    'Qwen/Qwen2.5-0.5B-Instruct': 494_032_768,
    'HuggingFaceTB/SmolLM2-135M': 134_515_008,
    'gpt2': 124_439_808,
    'bert-base-uncased': 109_482_240,
    'roberta-base': 124_645_632,
    'sentence-transformers/all-MiniLM-L6-v2': 22_713_216,
    'google-t5/t5-base': 222_903_552,
    'google/flan-t5-xxl': 11_135_332_352,
    'google/vit-base-patch16-224': 86_389_248,
    'openai/clip-vit-large-patch14': 427_616_513,
    'facebook/dinov2-giant': 1_136_480_768,
}


@functools.cache
def config_of(name):
    facts = known_facts(name)
    facts.pop('preprocessing', None)
    return transformers.AutoConfig.for_model(**facts)


@pytest.mark.parametrize('name', ARCHITECTURES)
def test_it_builds_at_its_published_size_on_the_meta_device(name):
    config = config_of(name)
    with torch.device('meta'):
        model = getattr(transformers, config.architectures[0])(config)
    besides = UNTIED.get(MODELS[name].family, lambda config: 0)(config)
    assert sum(p.numel() for p in model.parameters()) + besides == MODELS[name].parameters


@pytest.mark.parametrize('name', MODELS)
def test_transformers_reads_every_value(name):
    default = transformers.AutoConfig.for_model(MODELS[name].facts['model_type'])
    unread = {'architectures', 'model_type', 'preprocessing', 'decoder_start_token_id'}
    for key in MODELS[name].facts.keys() - unread:
        assert hasattr(default, key), key


def test_published_counts():
    assert {name: MODELS[name].parameters for name in PUBLISHED} == PUBLISHED


def test_all_families_are_there_with_role_and_source():
    families = {model.family for model in MODELS.values()}
    assert families == {
        *(
            'opt',
            'llama1',
            'llama2',
            'llama3',
            'qwen2.5',
            'gpt2',
            'smollm2',
            'bert',
            'roberta',
            'minilm',
            't5',
            't5v1_1',
        ),
        *('vit', 'clip', 'dinov2', 'ast', 'timesformer'),
    }
    assert {model.role for model in MODELS.values()} == {
        *('causal language model', 'text encoder', 'encoder-decoder language model'),
        *('image encoder', 'audio encoder', 'video encoder'),
    }
    assert all('config.json' in model.source for model in MODELS.values())


def test_opt_350m_is_the_odd_one():
    facts = known_facts('facebook/opt-350m')
    assert (facts['word_embed_proj_dim'], facts['hidden_size'], facts['do_layer_norm_before']) == (512, 1024, False)
    others = [m.facts for m in MODELS.values() if m.family == 'opt' and m.name != 'facebook/opt-350m']
    assert all(f['do_layer_norm_before'] and f['word_embed_proj_dim'] == f['hidden_size'] for f in others)


def test_a_model_like_another_keeps_what_is_its_own():
    base, chat = known_facts('Qwen/Qwen2.5-14B'), known_facts('Qwen/Qwen2.5-14B-Instruct')
    own = {'eos_token_id': 151645, 'max_position_embeddings': 32768, 'rms_norm_eps': 1e-6}
    assert chat == {**base, **own} != base
    assert 'like' not in chat and MODELS['Qwen/Qwen2.5-14B-Instruct'].like == 'Qwen/Qwen2.5-14B'


def test_image_encoders_say_how_they_want_their_pictures():
    from mmalm.encoders import Preprocessing

    images = [model for model in MODELS.values() if model.role == 'image encoder']
    read = {model.name: Preprocessing(**model.facts['preprocessing']) for model in images}
    assert read['openai/clip-vit-large-patch14-336'].size == (336, 336)
    assert read['google/vit-base-patch16-384'].size == (384, 384)
    assert read['google/vit-base-patch16-224'].mean == (0.5, 0.5, 0.5)
    assert (read['facebook/dinov2-base'].size, read['facebook/dinov2-base'].crop_pct) == ((224, 224), 0.875)
    assert not any(
        'preprocessing' in m.facts for m in MODELS.values() if m.role not in ('image encoder', 'video encoder')
    )


def test_what_is_given_out_may_be_changed():
    known_facts('openai/clip-vit-base-patch32')['vision_config']['hidden_size'] = 1
    assert known_facts('openai/clip-vit-base-patch32')['vision_config']['hidden_size'] == 768
    assert known_facts('some/model') is None
