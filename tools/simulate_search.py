"""How often each search rule finds the best of made-up arms: python tools/simulate_search.py"""

import math
from argparse import ArgumentParser

from _cli import run


def main() -> None:
    parser = ArgumentParser(
        description='How often each search rule finds the best of made-up arms, as a table in Markdown.'
    )
    parser.add_argument('--gaps', nargs='+', type=float, default=[0.5, 2.0], metavar='POINTS', help='default: 0.5 2.0')
    parser.add_argument('--repetitions', type=int, default=200, metavar='N', help='default: 200')
    parser.add_argument('--seed', type=int, default=0, metavar='N')
    arguments = parser.parse_args()
    if arguments.repetitions < 1 or not all(0 < gap < math.inf for gap in arguments.gaps) or arguments.seed < 0:
        parser.error('--repetitions is 1 or more, --gaps are above 0 and finite, --seed is 0 or more')

    from mmalm.search.simulation import (
        ALL_RATE,
        HALVING,
        RATES,
        SETTINGS,
        Outcome,
        Setting,
        simulate,
        simulate_all,
        simulate_halving,
        simulate_mean,
    )

    def shown(found: Outcome) -> str:
        return f'{found.found:.2f} / {found.sharpness:.3f}'

    rules = [(name, rule, rate) for name, (rule, rates) in RATES.items() for rate in rates]
    others = [f'all {ALL_RATE:g}', f'halving {HALVING}', 'halving', 'mean']
    heads = ['setting', 'gap', *(f'{name} {rate:g}' for name, _, rate in rules), *others]
    print('| ' + ' | '.join(heads) + ' |\n|' + ' --- |' * len(heads), flush=True)
    for name, sizes in SETTINGS.items():
        for gap in arguments.gaps:
            setting = Setting(gap=gap, **sizes)
            asked = (setting, arguments.repetitions, arguments.seed)
            outcomes = [shown(simulate(rule, rate, *asked)) for _, rule, rate in rules]
            cells = [
                name,
                f'{gap:g}',
                *outcomes,
                shown(simulate_all(ALL_RATE, *asked)),
                *(f'{simulate_halving(batches, *asked).found:.2f}' for batches in (HALVING, None)),
                f'{simulate_mean(*asked).found:.2f}',
            ]
            print('| ' + ' | '.join(cells) + ' |', flush=True)


if __name__ == '__main__':
    run(main)
