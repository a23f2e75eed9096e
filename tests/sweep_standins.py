"""A sweep without training: a program that stands in for tools/train.py and tools/test.py, and configs for it."""

import sys
from pathlib import Path

from mmalm.sweep.grid import Grid, make_grid

# scores are made of the config and the seed; `behave` says by seed what else happens
PROGRAM = """\
import json, os, signal, sys, time
from pathlib import Path

file = Path(sys.argv[2])
config = {}
exec(file.read_text(), config)
config.pop('__builtins__')
config = json.loads(json.dumps(config))
seed, behave = config['seed'], config['behave'].get(str(config['seed']), '')
score = config['model']['gain'] * (1 + seed) / 10
folder = file.parent
with open(folder / 'calls.txt', 'a') as calls:
    calls.write(' '.join(sys.argv[1:2] + sys.argv[3:]) + '\\n')
print('Line of a run', flush=True)
if sys.argv[1] == 'test':
    if behave == 'fail test':
        sys.exit('error: no pictures for the test split')
    results = {'checkpoint': {'epoch': 2, 'step': 6}, 'metrics': {'test': {'right': score + 0.5}}, 'config': config}
    Path(sys.argv[sys.argv.index('--out') + 1]).write_text(json.dumps(results))
    sys.exit()
if '--dry-run' in sys.argv:
    sys.exit('error: not dry' if behave == 'fail' else 0)
if behave == 'fail':
    raise ValueError('the loss is odd')
if behave == 'fail once' and not (folder / 'tried').exists():
    (folder / 'tried').touch()
    sys.exit('error: no memory left')
if behave == 'die':
    os.kill(os.getpid(), signal.SIGKILL)
(folder / 'checkpoints' / 'last').mkdir(parents=True, exist_ok=True)
if behave == 'hang' and '--resume' not in sys.argv:
    (folder / 'hangs').touch()
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        (folder / 'stopped').touch()
        sys.exit(130)
if behave != 'no results':
    results = {
        'seed': seed,
        'trainable': {'trainable': 100 * config['model']['gain'], 'total': 5000},
        'checkpoint': {'name': 'best', 'epoch': 2, 'step': 6},
        'metrics': {'val': {'right': score, 'left': 1 - score}},
        'baselines': {'val': {'Majority': {'right': 0.125}}},
        'controls': {'val': {'shuffled_media': {'right': score / 2, 'left': 0.0}}},
        'wall_seconds': 10 + seed,
        'config': config,
        'commit': config['model'].get('commit', 'abc'),
        'hardware': {'cores': 2},
    }
    (folder / 'results.json').write_text(json.dumps(results))
"""
CONFIG = """\
model = dict(type='Stand', gain=1, width=(4, 4), name='a b')
train_cfg = dict(max_epochs=2)
default_hooks = dict(checkpoint=dict(best='right'))
behave = {behave}
"""


def commands(folder: Path) -> tuple[list[str], list[str]]:
    """Commands that train and test, as :class:`~mmalm.sweep.runner.Sweep` takes them."""
    program = folder / 'program.py'
    program.write_text(PROGRAM)
    # without site-packages Python starts in a tenth of the time
    base = [sys.executable, '-S', str(program)]
    return [*base, 'train'], [*base, 'test']


def write_config(folder: Path, name: str = 'stand', behave: dict[str, str] | None = None, text: str = '') -> Path:
    """A config file below ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f'{name}.py'
    file.write_text(CONFIG.format(behave=behave or {}) + text)
    return file


def grid_of(folder: Path, seeds=(0, 1, 2), behave=None, **options) -> Grid:
    """A grid of one stand-in config; options of the model by their names."""
    return make_grid(
        [write_config(folder / 'configs', behave=behave)], seeds, {f'model.{k}': v for k, v in options.items()}
    )
