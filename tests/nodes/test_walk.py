"""Which dicts of a config are components."""

from mmalm.config import load_config
from mmalm.nodes import nodes
from mmalm.registry import CONNECTORS, DATASETS, HOOKS, TRANSFORMS, Bound

QUICKSTART = 'configs/quickstart/epalm_smollm2_stamps.py'


def test_every_component_of_the_quickstart_is_found_once(pytestconfig):
    config = load_config(pytestconfig.rootpath / QUICKSTART)
    found = {node.path: node for node in nodes(config)}
    assert list(found) == [
        'model',
        *(
            f'model.{n}'
            for n in ('encoder', 'connector', 'schedule', 'soft_prompt', 'language_model', 'head', 'head.generate')
        ),
        *(f'{split}_dataloader{inside}' for split in ('train', 'val', 'test') for inside in ('', '.dataset')),
        'feature_cache',
        'train_cfg',
        'optim_wrapper',
        'optim_wrapper.optimizer',
        'param_scheduler',
        'metrics.0',
        *(f'baselines.{i}' for i in range(3)),
        'controls',
        *(f'default_hooks.{role}' for role in ('record', 'progress', 'checkpoint')),
    ]
    assert all(node.component is not None for node in found.values())
    assert found['model.connector'].registry is CONNECTORS
    assert found['default_hooks.record'].registry is HOOKS
    assert found['train_cfg'].type == 'TrainLoop' and found['optim_wrapper.optimizer'].component.__name__ == 'AdamW'


def test_a_nested_transform_is_found_and_absent_roles_are_not():
    dataset = {'type': 'StampsDataset', 'split': 'train', 'transform': {'type': 'ImageTransform'}}
    found = nodes({'train_dataloader': {'dataset': dataset}, 'default_hooks': {'progress': None}})
    loader, dataset, transform = found
    assert [node.path for node in found] == [
        'train_dataloader',
        'train_dataloader.dataset',
        'train_dataloader.dataset.transform',
    ]
    assert (dataset.registry, transform.registry) == (DATASETS, TRANSFORMS)
    assert isinstance(loader.registry, Bound) and loader.component.__name__ == 'make_loader' and loader.type is None


def test_unknown_and_missing_types_have_no_component_and_nothing_inside():
    found = nodes({'model': {'type': 'AugmentedML', 'encoder': {'type': 'TimmEncoder'}}, 'metrics': [{}, 'x']})
    assert [(node.path, node.component) for node in found] == [
        ('model', None),
        ('metrics.0', None),
        ('metrics.1', None),
    ]


def test_a_dotted_type_is_no_component():
    assert nodes({'model': {'type': 'os.getcwd'}})[0].component is None
