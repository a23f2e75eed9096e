"""A VQA data set in miniature, in the official files' own layout: for dry runs."""

from pathlib import Path
from typing import Any

from ..atomic import write_json
from .labels import write_closed_sets
from .media.synthetic import write_media

PICTURES, QUESTIONS_EACH = 4, 2
# question, question type, answer type, what ten annotators say of the first and of the second picture
ASKED = (
    ('Is this a cat?', 'is this a', 'yes/no', ('yes', 'no')),
    ('How many cats are there?', 'how many', 'number', ('2', '1')),
    ('What color is the cat?', 'what color is the', 'other', ('black', 'white')),
)
INFO = {'description': 'Synthetic questions in the layout of VQA v2.', 'version': '2.0', 'year': 2017}


def shrunk(arguments: dict[str, Any], root: Path, **changes: Any) -> dict[str, Any]:
    """A data set's arguments with ``root`` in place of whatever named its files."""
    kept = {name: value for name, value in arguments.items() if name not in ('questions', 'annotations', 'images')}
    write_closed_sets(kept, root, [answer for *_, answers in ASKED for answer in answers])
    return {**kept, 'root': str(root), **changes}


def entries(pictures: str) -> list[dict[str, Any]]:
    """Questions with all that is known of them, about pictures of a folder such as 'train2014'."""
    first = {'train2014': 100, 'val2014': 200}.get(pictures, 300)
    found = []
    for number in range(PICTURES * QUESTIONS_EACH):
        image = first + number // QUESTIONS_EACH
        question, question_type, answer_type, answers = ASKED[number % len(ASKED)]
        humans = [answers[image % 2]] * 8 + [answers[1 - image % 2]] * 2
        found.append(
            {
                'question_id': 1000 * image + number % QUESTIONS_EACH,
                'image_id': image,
                'question': question,
                'question_type': question_type,
                'answer_type': answer_type,
                'multiple_choice_answer': humans[0],
                'answers': [
                    {'answer': answer, 'answer_confidence': 'yes', 'answer_id': i + 1}
                    for i, answer in enumerate(humans)
                ],
            }
        )
    return found


def write_pictures(folder: Path, pictures: str) -> None:
    """Pictures of random pixels as ``<folder>/<pictures>/COCO_<pictures>_<image_id>.jpg``; those that are there stay."""
    for image in sorted({entry['image_id'] for entry in entries(pictures)}):
        write_media(folder / pictures / f'COCO_{pictures}_{image:012d}.jpg', 'image', image)


def write_official(root: Path, questions: Path, annotations: Path | None, subset: str, pictures: str) -> None:
    """One subset as published: questions, annotations unless None, pictures.

    Args:
        root: where pictures go.
        questions, annotations: files to write.
        subset: 'train2014', 'test-dev2015' ...
        pictures: the pictures' folder, 'train2014', 'test2015' ...
    """
    write_pictures(root, pictures)
    known = entries(pictures)
    common = {'info': INFO, 'license': {}, 'data_type': 'mscoco', 'data_subtype': subset}
    asked = ('question_id', 'image_id', 'question')
    listed = [{name: entry[name] for name in asked} for entry in known]
    write_json(questions, {**common, 'task_type': 'Open-Ended', 'questions': listed})
    if annotations is not None:
        listed = [{name: value for name, value in entry.items() if name != 'question'} for entry in known]
        write_json(annotations, {**common, 'annotations': listed})
