"""Build the answers that a classifier has: a data set's official vocabulary, or one of the training data of a config.

    python tools/build_vocabulary.py vqav2 [--root data/vqav2] [--least 9] [--out FILE]
    python tools/build_vocabulary.py CONFIG --out data/mine/vocabulary.json [--least 2]

The file says by which rule the answers were chosen, of which files (with their sha256), and how many they are. Nothing is drawn:
the same files give the same vocabulary. tools/prepare_data.py builds the official ones too.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from _cli import output_file, run

from mmalm.errors import ConfigError


def main(argv: Sequence[str] | None = None) -> None:
    """Run the tool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', metavar='NAME|CONFIG', help='vqav2, gqa, snli_ve, or a config file')
    parser.add_argument('--root', type=Path, metavar='DIR', help="the data set's folder, if not the usual one")
    parser.add_argument('--least', type=int, metavar='N', help='how often an answer occurs; as published unless told')
    parser.add_argument(
        '--out', type=output_file, metavar='FILE', help="<folder>/vocabulary.json; a config's is to be told"
    )
    arguments = parser.parse_args(argv)
    if arguments.least is not None and arguments.least < 1:
        raise ConfigError(f'--least {arguments.least}: an answer occurs once at least.')

    from mmalm.atomic import write_json
    from mmalm.preparation.vocabularies import find_rule, official_vocabulary

    if arguments.source.endswith('.py'):
        content, out, published = _of_config(arguments), arguments.out, None
    else:
        from mmalm.preparation.catalog import find_data_set

        rule = find_rule(arguments.source)
        root = (arguments.root or Path(find_data_set(arguments.source).root)).expanduser()
        content = official_vocabulary(rule, root, arguments.least)
        out = arguments.out or root / 'vocabulary.json'
        published = rule.published if arguments.least in (None, rule.least) else None
    write_json(Path(out), content)
    print(f'{out}: {content["count"]:,} answers, {content["rule"]}.')
    if published not in (None, content['count']):
        print(f'Published are {published:,}: these are other files, or a part of them.')


def _of_config(arguments: argparse.Namespace) -> dict:
    if arguments.out is None or arguments.root is not None:
        raise ConfigError(
            'A vocabulary of a config: say where it goes, --out FILE; its data lies where the config says.'
        )
    from mmalm.config import load_config, unwrapped
    from mmalm.datasets.building import build_dataset
    from mmalm.preparation.vocabularies import vocabulary_of

    file, key = Path(arguments.source), 'train_dataloader'
    loader = unwrapped(load_config(file).get(key) or {})
    if 'dataset' not in loader:
        raise ConfigError(f'{file} has no {key}.dataset, whose answers would be the vocabulary.')
    described = loader['dataset']
    if isinstance(described, dict):
        # the file that is to be built
        described.pop('vocabulary', None)
    return vocabulary_of(build_dataset(described, f'{key}.dataset'), file.name, file, arguments.least or 1)


if __name__ == '__main__':
    run(main)
