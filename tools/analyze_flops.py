"""What a config costs, before anything is downloaded: python tools/analyze_flops.py CONFIG"""

import gc
import json
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from _cli import config_parser, output_file, run


def parsed(argv: Sequence[str] | None) -> Namespace:
    """The command line, after what can be refused by itself."""
    parser = config_parser('Parameters, FLOPs by part, memory; time and energy of a run. No weights, no network.')
    parser.add_argument('--compare', nargs='+', default=[], metavar='CONFIG', help='further configs, side by side')
    parser.add_argument(
        '--json', nargs='?', const='-', type=output_file, metavar='FILE', help='as JSON, to FILE or instead of the text'
    )
    parser.add_argument(
        '--plot', type=output_file, metavar='FILE', help='a picture of the FLOPs by part: .png, .svg or .pdf'
    )
    batch = parser.add_argument_group('the batch')
    batch.add_argument('--batch-size', type=int, metavar='B', help="default: the config's")
    batch.add_argument('--text-length', type=int, metavar='L', help='tokens of question and answer; default: 32')
    batch.add_argument('--answer-length', type=int, metavar='A', help='of these, tokens of the answer; default: 4')
    whole = parser.add_argument_group('the whole run')
    whole.add_argument('--device', metavar='NAME', help='h100, a100, rtx4090, ...: see docs/costs.md')
    whole.add_argument('--devices', type=int, default=1, metavar='N', help='how many share a batch; default: 1')
    whole.add_argument('--samples', type=int, metavar='N', help='of the training split')
    whole.add_argument('--epochs', type=int, metavar='E', help="default: the config's")
    whole.add_argument('--utilisation', type=float, metavar='U', help='share of the peak rate; assumed: 0.35')
    whole.add_argument('--measured-step', type=float, metavar='SECONDS', help='one step, measured on this device')
    arguments = parser.parse_args(argv)
    if (arguments.device is None) != (arguments.samples is None):
        parser.error('a run is estimated from --device and --samples together')
    if arguments.device is None and (arguments.utilisation or arguments.measured_step or arguments.epochs):
        parser.error('--epochs, --utilisation and --measured-step say something of a run: give --device and --samples')
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    """Run the tool; all faults of the configs end it with exit code 2."""
    arguments = parsed(argv)
    gc.disable()  # importing makes many objects and hardly any rubbish: looking for it takes a second
    from mmalm.analysis.devices import find_device
    from mmalm.config import load_config

    if arguments.device is not None:
        find_device(arguments.device)  # a mistake shows before anything slow
    configs = {file: load_config(file, arguments.cfg_options) for file in [arguments.config, *arguments.compare]}
    from mmalm.analysis.cost_comparison import compare_costs
    from mmalm.analysis.cost_plot import plot_costs
    from mmalm.analysis.cost_report import describe_costs, describe_run
    from mmalm.analysis.costs import analyse
    from mmalm.analysis.parts import models_of
    from mmalm.analysis.run_costs import estimate_config
    from mmalm.analysis.workload import workload_of
    from mmalm.atomic import write_json
    from mmalm.validation import check

    sizes = (arguments.batch_size, arguments.text_length, arguments.answer_length, arguments.devices)
    costs, configs_of = {}, {}
    for file, config in configs.items():
        models = models_of(check(config, ('model',)).model)
        for modality, model in models.items():
            name = f'{file} ({modality})' if modality else file
            costs[name], configs_of[name] = analyse(config, workload_of(config, *sizes), model), config
    runs = {}
    if arguments.device is not None:
        settings = (arguments.device, arguments.samples, arguments.epochs, arguments.devices)
        told = (arguments.utilisation, arguments.measured_step)
        runs = {name: estimate_config(costs[name], configs_of[name], *settings, *told) for name in costs}
    if arguments.json is not None:
        found = [
            {'config': name, **costs[name].as_dict(), 'run': runs[name].as_dict() if runs else None} for name in costs
        ]
        content = found if len(found) > 1 else found[0]
        print(json.dumps(content, indent=2)) if arguments.json == '-' else write_json(Path(arguments.json), content)
    stems = [Path(name).name.replace('.py', '') for name in costs]
    names = {name: stem if stems.count(stem) == 1 else name for name, stem in zip(costs, stems, strict=True)}
    if arguments.plot is not None:
        plot_costs({names[name]: found for name, found in costs.items()}, arguments.plot)
    if arguments.json == '-':
        return
    if len(costs) > 1:
        print(
            compare_costs(
                {names[name]: found for name, found in costs.items()}, {names[name]: run for name, run in runs.items()}
            )
        )
    else:
        print(describe_costs(costs[arguments.config], arguments.config))
        for found in runs.values():
            print('\n' + describe_run(found))


if __name__ == '__main__':
    run(main)
