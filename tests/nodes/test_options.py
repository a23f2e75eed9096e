"""``--cfg-options``: what a config has or its components take can be set, nothing else."""

import pytest
from mmengine.config import Config

from mmalm.config import load_config
from mmalm.errors import ConfigError
from mmalm.nodes import set_options

QUICKSTART = 'configs/quickstart/epalm_smollm2_stamps.py'


@pytest.fixture
def quickstart(pytestconfig) -> Config:
    return load_config(pytestconfig.rootpath / QUICKSTART)


@pytest.mark.parametrize(
    ('key', 'value'),
    [
        ('model.head.rank', False),
        ('model.connector.shared', True),
        ('model.head.generate.num_beams', 3),
        ('metrics.0.modes', ['ranked']),
        ('model.visibility', 'all'),
        ('train_dataloader.num_workers', 2),
        ('train_dataloader.dataset.limit', 5),
        ('feature_cache.folder', 'x'),
        ('default_hooks.checkpoint.max_keep', 3),
        ('default_hooks.progress.priority', 'LOW'),
        ('default_hooks.timer.type', 'IterTimerHook'),
        ('optim_wrapper.accumulate', 4),
        ('optim_wrapper.optimizer.betas', [0.9, 0.95]),
        ('optim_wrapper.groups', [dict(patterns=['soft_prompt.*'])]),
        ('train_cfg.val_begin', 2),
        ('load_from', 'somewhere'),
        ('visualizer.type', 'Visualizer'),
        ('model.language_model.config', None),
        ('val_dataloader.dataset.transform.resize', 'crop'),
    ],
)
def test_what_a_component_takes_can_be_set_though_the_config_leaves_it_out(quickstart, key, value):
    options = {key: value}
    if key == 'val_dataloader.dataset.transform.resize':
        options['val_dataloader.dataset.transform.type'] = 'ImageTransform'
    set_options(quickstart, options)
    assert quickstart.get(key.split('.')[0]) is not None
    node = quickstart._cfg_dict
    for part in key.split('.'):
        node = node[int(part)] if part.isdigit() else node[part]
    assert node == value


def test_a_new_type_brings_its_own_arguments(quickstart):
    set_options(quickstart, {'model.schedule.layer': 3, 'model.schedule.type': 'SingleLayer'})
    assert (quickstart.model.schedule.type, quickstart.model.schedule.layer) == ('SingleLayer', 3)


@pytest.mark.parametrize(
    ('key', 'message'),
    [
        ('model.head.rnak', "no key 'rnak' in model.head. Did you mean 'rank'? Keys of model.head: answer_format, "),
        ('model.connector.widht', "no key 'widht' in model.connector. Did you mean 'widths'?"),
        ('precison', "no key 'precison' in the config. Did you mean 'precision'?"),
        ('metrics.1.modes', "no key '1' in metrics. It is a list of 1, whose entries go by number, from 0."),
        ('metrics.first', "no key 'first' in metrics. It is a list of 1"),
        ('model.encoder.levels.deep', "no key 'deep' in model.encoder.levels. It is 6."),
        ('train_cfg.max_epoch', "no key 'max_epoch' in train_cfg. Did you mean 'max_epochs'?"),
        ('optim_wrapper.optimizer.learning', "no key 'learning' in optim_wrapper.optimizer."),
        ('feature_cache.foldr', "no key 'foldr' in feature_cache. Did you mean 'folder'?"),
        ('visualizer.vis_backendz', "no key 'vis_backendz' in visualizer. Did you mean 'vis_backends'?"),
        (
            'val_dataloader.dataset.transform.resize',
            'val_dataloader.dataset.transform is not in the config yet: set val_dataloader.dataset.transform.type too.',
        ),
        ('train_dataloader.seed', "no key 'seed' in train_dataloader."),
        ('model.expect_trainable.low', "no key 'low' in model.expect_trainable. It is 1331136."),
    ],
)
def test_anything_else_is_refused_with_what_there_is(quickstart, key, message):
    before = quickstart.text, str(quickstart._cfg_dict)
    with pytest.raises(ConfigError) as caught:
        set_options(quickstart, {'seed': 5, key: 1})
    assert str(caught.value).startswith(f'--cfg-options {key}: {message}')
    assert before == (quickstart.text, str(quickstart._cfg_dict))


def test_all_wrong_options_are_named_together(quickstart):
    with pytest.raises(ConfigError) as caught:
        set_options(quickstart, {'model.head.rnak': 1, 'seed': 2, 'sead': 3})
    first, *lines = str(caught.value).splitlines()
    assert first == '--cfg-options has 2 faults:'
    assert lines[0].startswith('  - model.head.rnak: ') and lines[1].startswith('  - sead: ')


class TestAdaptations:
    """Keys of a model that has several modalities, whose adaptations stand under names."""

    @pytest.fixture
    def both(self, pytestconfig) -> Config:
        return load_config(pytestconfig.rootpath / 'configs/quickstart/image_audio_smollm2.py')

    @pytest.mark.parametrize(
        ('options', 'found'),
        [
            ({'schedule.start': 3}, {'type': 'LayerwiseReplace', 'start': 3, 'end': 30}),
            ({'visibility': 'all'}, 'all'),
            ({'lora.rank': 2, 'lora.type': 'LoRA'}, {'type': 'LoRA', 'rank': 2}),
            ({'encoder.levels': 2}, {'type': 'TransformersEncoder', 'model': 'zoo:dinov2-small', 'levels': 2}),
            ({'soft_prompt': None}, None),
        ],
    )
    def test_one_changes_and_the_other_stays(self, both, options, found):
        before = both.model.adaptations.audio.to_dict()
        set_options(both, {f'model.adaptations.image.{key}': value for key, value in options.items()})
        assert both.model.adaptations.image[next(iter(options)).split('.')[0]] == found
        assert both.model.adaptations.audio.to_dict() == before

    def test_one_more_modality(self, both):
        set_options(both, {'model.adaptations.video.encoder': {'type': 'TimesformerEncoder', 'model': 'x'}})
        assert list(both.model.adaptations) == ['image', 'audio', 'video']

    @pytest.mark.parametrize(
        ('key', 'message'),
        [
            ('model.adaptations.imgae.visibility', "no key 'imgae' in model.adaptations. Did you mean 'image'"),
            (
                'model.adaptations.image.shedule.start',
                "no key 'shedule' in model.adaptations.image. Did you mean 'sched",
            ),
            ('model.adaptations.image.schedule.stop', "no key 'stop' in model.adaptations.image.schedule"),
            ('model.adaptations.image.name', "no key 'name' in model.adaptations.image"),
            (
                'model.adaptations.image.lora.rank',
                'lora is not in the config yet: set model.adaptations.image.lora.type',
            ),
        ],
    )
    def test_unknown_keys(self, both, key, message):
        before = both.to_dict()
        with pytest.raises(ConfigError, match=message):
            set_options(both, {key: 1})
        assert both.to_dict() == before
