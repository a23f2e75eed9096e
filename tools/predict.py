"""Ask a checkpoint about pictures: python tools/predict.py CHECKPOINT --input PICTURE.. --prompt TEXT"""

from argparse import ArgumentParser
from pathlib import Path

from _cli import Options, output_file, run


def main() -> None:
    parser = ArgumentParser(description='Ask a checkpoint about pictures.')
    parser.add_argument(
        'checkpoint', metavar='CHECKPOINT', help='checkpoint folder, as work_dirs/NAME/checkpoints/best'
    )
    parser.add_argument(
        '--input', nargs='+', required=True, metavar='PICTURE', help='files, folders of pictures, or globs in quotes'
    )
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument('--prompt', metavar='TEXT', help='the question')
    asked.add_argument('--caption', action='store_true', help='describe the pictures')
    parser.add_argument('--answers', nargs='+', metavar='A', help='choose among these, instead of generating freely')
    parser.add_argument('--out', type=output_file, metavar='FILE', help='JSON file for the answers')
    parser.add_argument('--batch-size', type=int, default=16, metavar='N', help='pictures at once, 16 unless told')
    parser.add_argument('--device', metavar='D', help='cpu, cuda or cuda:N; a GPU where there is one unless told')
    parser.add_argument('--generate', nargs='+', action=Options, default={}, metavar='k=v', help='as num_beams=3')
    parser.add_argument('--cfg-options', nargs='+', action=Options, default={}, metavar='k=v', help='replace values')
    arguments = parser.parse_args()
    if arguments.caption and arguments.answers:
        parser.error('--answers go with --prompt, not with --caption')
    if arguments.generate and arguments.answers:
        parser.error('--generate goes with free generation, not with --answers')

    # slow to import, so that mistakes above show at once
    from mmalm.datasets.pictures import check_all, find_pictures

    files = find_pictures(arguments.input)
    check_all(files)
    from mmalm.atomic import write_json
    from mmalm.inference import CAPTION, load
    from mmalm.pages.terminal import print_answers

    model = load(
        arguments.checkpoint, device=arguments.device, batch_size=arguments.batch_size, options=arguments.cfg_options
    )
    question = CAPTION if arguments.caption else arguments.prompt
    found = model.predict(files, question, arguments.answers, **arguments.generate)
    rows = [{'picture': str(file), **prediction} for file, prediction in zip(files, found, strict=True)]
    print_answers(question, rows)
    if arguments.out:
        write_json(Path(arguments.out), {'checkpoint': arguments.checkpoint, 'question': question, 'answers': rows})
        print(f'Answers: {arguments.out}')


if __name__ == '__main__':
    run(main)
