"""Ask a checkpoint about pictures, videos or sounds: python tools/predict.py CHECKPOINT --input FILE.. --prompt TEXT"""

from argparse import ArgumentParser
from pathlib import Path

from _cli import Options, output_file, run


def main() -> None:
    parser = ArgumentParser(description='Ask a checkpoint about pictures, videos or sounds.')
    parser.add_argument(
        'checkpoint', metavar='CHECKPOINT', help='checkpoint folder, as work_dirs/NAME/checkpoints/best'
    )
    parser.add_argument(
        '--input', nargs='+', required=True, metavar='FILE', help='files, folders of them, or globs in quotes'
    )
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument('--prompt', metavar='TEXT', help='the question')
    asked.add_argument('--caption', action='store_true', help='describe them')
    parser.add_argument('--answers', nargs='+', metavar='A', help='choose among these, instead of generating freely')
    parser.add_argument('--modality', metavar='M', help='image, video or audio, where endings do not say it')
    parser.add_argument('--out', type=output_file, metavar='FILE', help='JSON file for the answers')
    parser.add_argument('--batch-size', type=int, default=16, metavar='N', help='files at once, 16 unless told')
    parser.add_argument('--device', metavar='D', help='cpu, cuda or cuda:N; a GPU where there is one unless told')
    parser.add_argument('--generate', nargs='+', action=Options, default={}, metavar='k=v', help='as num_beams=3')
    parser.add_argument('--cfg-options', nargs='+', action=Options, default={}, metavar='k=v', help='replace values')
    arguments = parser.parse_args()
    if arguments.caption and arguments.answers:
        parser.error('--answers go with --prompt, not with --caption')
    if arguments.generate and arguments.answers:
        parser.error('--generate goes with free generation, not with --answers')

    # slow to import, so that mistakes above show at once
    from mmalm.datasets.given_media import check_kinds, check_media, find_media

    files = find_media(arguments.input)
    check_media(files)
    from mmalm.atomic import write_json
    from mmalm.engine.saved_config import perceived, saved_config

    # files of a kind that the model does not perceive are told before it is loaded
    config = saved_config(arguments.checkpoint, arguments.cfg_options)
    check_kinds(files, perceived(config), arguments.modality)
    from mmalm.inference import load
    from mmalm.pages.terminal import print_answers

    model = load(arguments.checkpoint, device=arguments.device, batch_size=arguments.batch_size, config=config)
    question = model.caption_questions(files) if arguments.caption else arguments.prompt
    found = model.predict(files, question, arguments.answers, arguments.modality, **arguments.generate)
    rows = [{'file': str(file), **prediction} for file, prediction in zip(files, found, strict=True)]
    question = question if isinstance(question, str) else ' / '.join(dict.fromkeys(question))
    print_answers(question, rows)
    if arguments.out:
        write_json(Path(arguments.out), {'checkpoint': arguments.checkpoint, 'question': question, 'answers': rows})
        print(f'Answers: {arguments.out}')


if __name__ == '__main__':
    run(main)
