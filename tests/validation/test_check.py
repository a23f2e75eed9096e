"""Every kind of fault, by its one line; and several in one message."""

import pytest
import torch
from mmengine.config import Config
from tiny import LM_CONFIGS
from tiny_pictures import VIT
from tiny_text import TEXT_CONFIGS
from torch import nn

from mmalm.config import load_config
from mmalm.errors import ConfigError
from mmalm.registry import CONNECTORS, HOOKS
from mmalm.validation import check, find_faults, refuse_test_split


def whole(**changes) -> Config:
    """A sound config of everything; changes by dotted key, ``...`` takes a key out."""
    data = dict(type='StampsDataset', tasks=['kind'])
    config = dict(
        model=dict(
            type='AugmentedLM',
            encoder=dict(type='TransformersEncoder', config=dict(VIT), levels=2),
            connector=dict(type='LinearConnector'),
            language_model=dict(type='CausalLM', config=dict(LM_CONFIGS['llama']), tokenizer='nowhere'),
            schedule=dict(type='LayerwiseReplace', start=2),
            soft_prompt=dict(type='SoftPrompt', length=1),
            head=dict(type='GenerationHead', generate=dict(max_new_tokens=4)),
            trainable=['connector.*', 'soft_prompt.*'],
            expect_trainable=608,
        ),
        train_dataloader=dict(
            batch_size=4, dataset=dict(data, split='train', transform=dict(type='ImageTransform', augment=dict()))
        ),
        val_dataloader=dict(batch_size=4, dataset=dict(data, split='val')),
        test_dataloader=dict(batch_size=4, dataset=dict(data, split='test')),
        feature_cache=dict(enabled=False),
        optim_wrapper=dict(
            optimizer=dict(type='AdamW', lr=1e-3), groups=[dict(patterns=['soft_prompt.*'], lr=1e-5)], clip_norm=1
        ),
        param_scheduler=dict(type='WarmupCosine', warmup=20),
        train_cfg=dict(max_epochs=2),
        precision='fp32',
        metrics=[dict(type='AnswerAccuracy')],
        baselines=[dict(type='MajorityAnswer')],
        controls=dict(shuffled_media=True),
        default_hooks=dict(checkpoint=dict(type='CheckpointHook', best='ranked/overall')),
        seed=0,
    )
    for dotted, value in changes.items():
        node = config
        *above, last = (int(part) if part.isdigit() else part for part in dotted.split('.'))
        for part in above:
            node = node[part]
        if value is ...:
            del node[last]
        else:
            node[last] = value
    return Config(config)


def faults(**changes) -> list[str]:
    return [str(fault) for fault in find_faults(whole(**changes), ('model', 'train_dataloader'))]


def test_a_sound_config_has_its_model_on_the_meta_device():
    checked = check(whole())
    assert checked.absent == () and checked.model.trainable_table.trainable == 608
    assert {p.device.type for p in checked.model.parameters()} == {'meta'}
    assert torch.empty(1).device.type == 'cpu'


LINES = [
    # names
    ({'modle': {}}, "modle: nothing reads this top-level key. Did you mean 'model'? Known: model, "),
    (
        {'model.connector.shard': True},
        "model.connector: unknown argument 'shard'. Did you mean 'shared'? "
        'LinearConnector takes shared, init_scale.',
    ),
    ({'model.connector.type': 'LinearConector'}, "model.connector: 'LinearConector' is not in the registry 'connector'."),
    ({'model.connector.type': ...}, 'model.connector: "type" is missing. Registered in \'connector\': '),
    ({'model.connector.type': 'os.getcwd'}, "model.connector: 'os.getcwd' is not in the registry"),
    ({'model.schedule.start': ...}, "model.schedule: the argument 'start' is missing. LayerwiseReplace takes start, "),
    ({'train_dataloader.shufle': True}, "train_dataloader: unknown argument 'shufle'. Did you mean 'shuffle'?"),
    ({'train_dataloader.seed': 1}, "train_dataloader: unknown argument 'seed'."),
    ({'feature_cache.foldr': 'x'}, "feature_cache: unknown argument 'foldr'. Did you mean 'folder'?"),
    ({'controls.shuffled': True}, "controls: unknown argument 'shuffled'. Did you mean 'shuffled_media'?"),
    ({'optim_wrapper.groups.0.learning_rate': 1}, "optim_wrapper.groups.0: unknown argument 'learning_rate'."),
    ({'model.head.generate.num_beam': 2}, "model.head.generate: unknown option 'num_beam'. Did you mean 'num_beams'"),
    (
        {'train_dataloader.dataset.transform.augment': dict(flips=True)},
        "train_dataloader.dataset.transform.augment: unknown argument 'flips'. Did you mean 'flip'?",
    ),
    ({'model.encoder.preprocessing': dict(men=1)}, "model.encoder.preprocessing: unknown argument 'men'. Did you mean 'mean'?"),
    ({'default_hooks.chekpoint': dict(type='CheckpointHook')}, "default_hooks.chekpoint: unknown role. Did you mean 'checkpoint'?"),
    ({'visualizer': dict(vis_backends=[dict(type='TensorBoard')])}, "visualizer.vis_backends.0: 'TensorBoard' is not in the"),
    ({'model.connector._delete_': True}, "model.connector: '_delete_' is left over: it replaces a dict of a base config"),
    ({'_base_': ['x.py']}, '_base_: is left over: it names base configs at the top of a config file alone.'),
    ({'model': ...}, 'model: is missing: the model, from the registry of models.'),
    ({'metrics': ...}, 'metrics: is missing: list of metrics.'),
    ({'metrics': []}, 'metrics: is missing: list of metrics.'),
    ({'train_dataloader.dataset': ...}, "train_dataloader: the argument 'dataset' is missing."),
    # types and ranges
    ({'model.connector.shared': 'yes'}, "model.connector.shared: expected bool, found 'yes' (str)."),
    ({'model.encoder.levels': '6'}, "model.encoder.levels: expected int, found '6' (str)."),
    ({'model.encoder.levels': 2.0}, 'model.encoder.levels: expected int, found 2.0 (float).'),
    ({'model.trainable': 'connector.*'}, "model.trainable: expected list[str] | None, found 'connector.*' (str)."),
    ({'model.encoder': None}, 'model.encoder: expected dict, found None (NoneType).'),
    ({'model.encoder': []}, 'model.encoder: expected dict, found [] (list).'),
    ({'model': 'AugmentedLM'}, "model: expected dict, found 'AugmentedLM' (str)."),
    ({'metrics': dict(type='AnswerAccuracy')}, "metrics: expected list, found {'type': 'AnswerAccuracy'} (ConfigDict)."),
    ({'metrics.0': None}, 'metrics.0: expected a dict with a "type" from the registry \'metric\', found None.'),
    ({'train_dataloader.dataset': None}, 'train_dataloader.dataset: expected a dict, found None.'),
    ({'train_dataloader.batch_size': 0}, 'train_dataloader.batch_size: must be greater than or equal to 1, found 0.'),
    ({'train_dataloader.shuffle': 1}, 'train_dataloader.shuffle: expected bool, found 1 (int).'),
    ({'train_dataloader.dataset.tasks': ['kind', 'nmae']}, "train_dataloader.dataset.tasks: unknown 'nmae'. Did you mean 'name' "),
    ({'train_dataloader.dataset.tasks': []}, 'train_dataloader.dataset.tasks: must have at least 1 item, found [].'),
    ({'val_dataloader.dataset.split': 'vall'}, "val_dataloader.dataset.split: unknown 'vall'. Did you mean 'val'? Choose from "),
    ({'precision': 'fp8'}, "precision: unknown 'fp8'. Choose from 'fp32', 'bf16', 'fp16'."),
    ({'seed': -1}, 'seed: must be greater than or equal to 0, found -1.'),
    ({'seed': None}, 'seed: expected int, found None (NoneType).'),
    ({'optim_wrapper.optimizer.lr': float('nan')}, 'optim_wrapper.optimizer.lr: '),
    ({'optim_wrapper.optimizer.lr': -1.0}, 'optim_wrapper.optimizer: Invalid learning rate: -1.0.'),
    ({'optim_wrapper.clip_norm': -1}, 'optim_wrapper: clip_norm=-1 must be above 0'),
    ({'train_cfg.max_epochs': 0}, 'train_cfg: train_cfg.max_epochs=0 must be a whole number from 1 on.'),
    ({'param_scheduler.warmup': -2}, 'param_scheduler.warmup: must be greater than or equal to 0, found -2.'),
    ({'default_hooks.checkpoint.interval': 0}, 'default_hooks.checkpoint: CheckpointHook: interval=0'),
    ({'model.visibility': 'none'}, "model.visibility: unknown 'none'."),
    ({'model.soft_prompt.length': 0}, 'model.soft_prompt: a soft prompt needs length 1 or more, found 0'),
    ({'model.head.question_format': 'What?'}, "model.head: the question template 'What?' has no {question} in it."),
    ({'model.head.generate.max_new_tokens': 0}, 'model.head.generate.max_new_tokens: must be greater than or equal to 1'),
    ({'model.head.generate.max_length': 9}, 'model.head.generate: generate: max_length is not possible here: it would'),
    # parts against each other
    ({'model.schedule.start': 6}, 'model.schedule: LayerwiseReplace(start=6, end=None) does not fit a language model of 6'),
    ({'model.schedule.start': 5}, 'model.schedule: the injection schedule cannot be carried out:'),
    ({'model.encoder.levels': 4}, 'model.encoder: config:vit has 3 levels; levels=4 asks for more.'),
    ({'model.encoder.image_size': 4}, 'model.encoder: config:vit cannot read an input of 3 x 4 x 4'),
    ({'model.trainable': ['conector.*']}, "model.trainable.0: The pattern 'conector.*' matches no parameter of the model."),
    ({'model.live': ['encoder.no']}, "model.live.0: The pattern 'encoder.no' matches no module of the model."),
    ({'model.expect_trainable': 607}, 'model.expect_trainable: The config expects 607 trainable parameters, but 608 train'),
    ({'optim_wrapper.groups.0.patterns': ['prompt.*']}, "optim_wrapper.groups.0: 'prompt.*' matches no trainable parameter."),
    ({'optim_wrapper.optimizer': dict(type='SparseAdam')}, 'optim_wrapper.optimizer: SparseAdam cannot step here: '),
    ({'optim_wrapper': dict(type='AmpOptimWrapper', optimizer=dict(type='SGD', lr=1))}, 'optim_wrapper: AmpOptimWrapper will not'),
    ({'train_cfg': dict(type='EpochBasedTrainLoop', max_epochs=1)}, 'train_cfg: EpochBasedTrainLoop will not do: it must be'),
    ({'model.language_model.dtype': 'float16'}, 'precision: The weights of language_model are held in float16'),
    ({'feature_cache.enabled': True}, 'train_dataloader.dataset: feature cache: the transform is random'),
    (
        {'val_dataloader.dataset.preprocessing': dict(size=32, mean=[0.5] * 3, std=[0.5] * 3)},
        'val_dataloader.dataset: its preprocessing makes pictures of 32 x 32, but the encoder takes 16 x 16.',
    ),
    ({'default_hooks.checkpoint.best': 'rankd/overall'}, "default_hooks.checkpoint: no metric gives the score 'rankd/overall'."),
    ({'default_hooks.checkpoint.best': 'ranked/name'}, "default_hooks.checkpoint: no metric gives the score 'ranked/name'."),
    ({'model.head.rank': False}, "default_hooks.checkpoint: no metric gives the score 'ranked/overall'."),
    (
        {'val_dataloader.dataset.tasks': ['caption'], 'metrics.0.modes': ['ranked'], 'baselines': []},
        'metrics.0: AnswerAccuracy would have nothing to score: the head predicts ranked, generated for the tasks caption. '
        'Open questions, without answers to rank: caption.',
    ),
    (
        {'baselines.0.type': 'ConsensusAnswer'},
        'baselines.0: ConsensusAnswer answers open questions alone, and those asked have a closed set of answers: kind. '
        'For these: MajorityAnswer, KNearestNeighbours, LinearProbe.',
    ),
    ({'val_dataloader': None}, "default_hooks.checkpoint: goes by the validation score 'ranked/overall', but the config has no"),
    ({'val_dataloader.dataset.split': 'test'}, "val_dataloader.dataset.split: 'test': only tools/test.py reads the test split"),
]  # fmt: skip


@pytest.mark.parametrize(('changes', 'line'), LINES, ids=[line[:60] for _, line in LINES])
def test_one_fault_is_one_line(changes, line):
    found = faults(**changes)
    assert len(found) == 1, found
    assert found[0].startswith(line)


def test_all_faults_come_in_one_message():
    changes = {
        'seed': 'x',
        'model.encoder.levels': 9,
        'model.connector.shard': True,
        'model.schedule.type': 'LayerwiseReplce',
        'model.soft_prompt.length': 0,
        'model.head.rank': 'yes',
        'train_dataloader.batch_size': -1,
        'optim_wrapper.optimizer.type': 'Adamm',
        'metrics.0.modes': ['rankd'],
        'default_hooks.checkpoint.rule': 'more',
    }
    with pytest.raises(ConfigError) as caught:
        check(whole(**changes))
    first, *lines = [line for line in str(caught.value).splitlines() if not line.startswith('    ')]
    assert first == 'config has 10 faults:'
    assert {line.removeprefix('  - ').split(':')[0] for line in lines} == {
        'seed',
        'model.encoder',
        'model.connector',
        'model.schedule',
        'model.soft_prompt',
        'model.head.rank',
        'train_dataloader.batch_size',
        'optim_wrapper.optimizer',
        'metrics.0',
        'default_hooks.checkpoint',
    }


def test_a_part_that_fails_does_not_hide_what_does_not_need_it():
    found = faults(
        **{'model.encoder.levels': 9, 'model.head.question_format': 'x', 'model.language_model.dtype': 'int8'}
    )
    assert [line.split(':')[0] for line in found] == ['model.language_model', 'model.encoder', 'model.head']


def test_what_is_not_on_this_machine_is_no_fault(monkeypatch):
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_OFFLINE', True)
    model = dict(type='CausalLM', model='nobody/no-such-model')
    checked = check(whole(**{'model.language_model': model, 'model.expect_trainable': None}))
    assert 'nobody/no-such-model' in str(checked.absent[0])
    # and the rest is looked at all the same
    assert faults(**{'model.language_model': model, 'model.encoder.levels': 9})[0].startswith('model.encoder: ')


def test_a_component_without_annotations_and_with_any_arguments_is_left_alone():
    @CONNECTORS.register_module()
    class Loose(nn.Module):
        num_sources = 2

        def __init__(self, widths, hidden_size, factor=1, **rest):
            super().__init__()
            self.linear = nn.Linear(2, 2)

    try:
        connector = dict(type='Loose', factor='any', anything=1)
        assert faults(**{'model.connector': connector, 'model.expect_trainable': None}) == []
    finally:
        CONNECTORS.module_dict.pop('Loose')


def test_a_component_that_breaks_is_named_with_its_error():
    @HOOKS.register_module()
    class Breaks:
        def __init__(self):
            raise ZeroDivisionError('by nothing')

    try:
        (found,) = faults(custom_hooks=[dict(type='Breaks')])
        assert found == 'custom_hooks.0: cannot be built with these values: ZeroDivisionError: by nothing'
    finally:
        HOOKS.module_dict.pop('Breaks')


def test_the_test_split_alone_can_be_refused():
    refuse_test_split(whole())
    with pytest.raises(ConfigError, match="train_dataloader.dataset.split: 'test'"):
        refuse_test_split(whole(**{'train_dataloader.dataset.split': 'test'}))


def test_the_message_shown_in_the_documentation(tmp_path, pytestconfig):
    root = pytestconfig.rootpath
    file = tmp_path / 'bad.py'
    file.write_text(
        f'_base_ = [{str(root / "configs/quickstart/epalm_smollm2_stamps.py")!r}]\n'
        'model = dict(encoder=dict(levels=14), connector=dict(shard=True), soft_prompt=dict(length=0),\n'
        "             trainable='connector.*')\n"
        "train_dataloader = dict(batch_size='16', dataset=dict(tasks=['kinds']))\n"
        'train_cfg = dict(max_epoch=8)\n'
        "default_hooks = dict(checkpoint=dict(best='rankd/overall'))\n"
    )
    with pytest.raises(ConfigError) as caught:
        check(load_config(file))
    assert f'```\nerror: {caught.value}\n```' in (root / 'docs' / 'configs.md').read_text(encoding='utf-8')


def placed(query='eos', **changes) -> list[str]:
    """Faults of a prompt at one layer that the text is asked for."""
    connector = dict(type='CrossAttentionPrompt', heads=2, query=query)
    dvp = {'model.connector': connector, 'model.schedule': dict(type='SingleLayer', layer=1), 'model.trainable': None}
    return faults(**(dvp | {'model.expect_trainable': None} | changes))


@pytest.mark.parametrize(
    ('kind', 'lacks'), [('llama', 'CausalLM'), ('bert', None), ('t5 decoder', 'Seq2SeqLM'), ('t5 encoder', 'Seq2SeqLM')]
)
def test_a_language_model_is_asked_by_a_state_it_has(kind, lacks):
    changes = {}
    if kind != 'llama':
        name, _, stack = kind.partition(' ')
        lm = dict(type='EncoderLM') if not stack else dict(type='Seq2SeqLM', insert_into=stack)
        changes = {
            'model.language_model': dict(lm, config=TEXT_CONFIGS[name], tokenizer='nowhere'),
            'model.head': dict(type='ClassificationHead', answers=['a', 'b']),
            'model.soft_prompt': None,
            'optim_wrapper.groups': [],
            'default_hooks.checkpoint.best': 'classified/overall',
        }
    for query in ('eos', 'mean', 'text'):
        assert placed(query, **changes) == []
    found = placed('cls', **changes)
    if lacks is None:
        assert found == []
    else:
        (line,) = found
        assert line.startswith(f"model.connector: CrossAttentionPrompt: query='cls': {lacks} has no such state")
        assert line.endswith('Choose from eos, mean, text.')


def test_a_vocabulary_that_is_not_there_yet_is_no_fault():
    head = dict(type='ClassificationHead', answers='nowhere/vocabulary.json')
    changes = {'model.head': head, 'default_hooks.checkpoint.best': 'classified/overall'}
    assert placed(**changes) == []
    dvp = {'model.head': head, 'model.trainable': None, 'model.expect_trainable': None}
    (absent,) = check(whole(**dvp, **{'default_hooks.checkpoint.best': 'classified/overall'})).absent
    assert 'nowhere/vocabulary.json' in str(absent) and 'tools/build_vocabulary.py' in str(absent)


@pytest.mark.parametrize(('kind', 'name'), [('bert', 'EncoderLM'), ('t5', 'Seq2SeqLM')])
def test_a_head_that_writes_needs_a_language_model_that_does(kind, name):
    lm = dict(type=name, config=TEXT_CONFIGS[kind], tokenizer='nowhere')
    changes = {'model.language_model': lm, 'model.soft_prompt': None, 'optim_wrapper.groups': []}
    (line,) = placed('mean', **changes)
    assert line.startswith('model.head: GenerationHead reads token after token from a CausalLM, and ' + name)
