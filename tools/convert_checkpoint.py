"""A released checkpoint as an mmalm checkpoint; see docs/checkpoints.md.

python tools/convert_checkpoint.py epalm FILE.pth OUT [--config CONFIG]
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from _cli import Options, run

from mmalm.config import load_config
from mmalm.conversion import METHODS, convert

CONFIGS = Path(__file__).resolve().parents[1] / 'configs'
DEFAULTS = {'epalm': CONFIGS / 'epalm' / 'opt2.7b_vqa_released.py'}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('method', choices=sorted(METHODS), help='whose code saved it')
    parser.add_argument('file', metavar='FILE', help='saved by torch.save; nothing in it is run')
    parser.add_argument('out', metavar='OUT', help='folder of the checkpoint that is written')
    parser.add_argument(
        '--config', metavar='CONFIG', help='of the same model (epalm: configs/epalm/opt2.7b_vqa_released.py)'
    )
    parser.add_argument('--cfg-options', nargs='+', action=Options, default={}, metavar='k=v', help='replace values')
    arguments = parser.parse_args(argv)
    file = arguments.config or DEFAULTS[arguments.method]
    found = convert(arguments.method, arguments.file, arguments.out, load_config(file, arguments.cfg_options))
    print(f'{arguments.out}: {found["tensors"]} tensors, {found["parameters"]:,} parameters, epoch {found["epoch"]}')
    print('The fingerprints of its base models are unknown: loading takes the ones the config names.')
    print(f'python tools/test.py {arguments.config or Path(file).relative_to(CONFIGS.parent)} {arguments.out}')
    return 0


if __name__ == '__main__':
    run(main)
