"""Questions about made-up videos and captions of them, in the layout of the real files: for dry runs."""

from pathlib import Path
from typing import Any

from ..atomic import write_json, write_text
from .media.synthetic import write_media

VIDEOS = 2
ASKED = (('what is moving?', ('cat', 'dog')), ('who is there?', ('man', 'woman')))
FIRST = {'train': 0, 'val': 4, 'test': 8}  # number of a split's first video


def write_video_questions(root: Path, split: str, layout: str, prefix: str, folder: str) -> None:
    """Two questions about each of two videos.

    Args:
        root: the data set's folder.
        split: 'train', 'val' or 'test'.
        layout: 'official' or 'epalm'.
        prefix: 'msrvtt' or 'msvd'.
        folder: of the videos in the official layout.
    """
    entries: list[dict[str, Any]] = []
    for video in range(FIRST[split], FIRST[split] + VIDEOS):
        official = f'clip{video}_0_1.avi' if prefix == 'msvd' else f'video{video}.mp4'
        file = root / folder / official if layout == 'official' else root / 'videos' / 'all' / f'video{video}.mp4'
        write_media(file, 'video', video)
        for number, (question, answers) in enumerate(ASKED):
            identity, answer = 2 * video + number, answers[video % 2]
            if layout == 'official':
                entries.append({'answer': answer, 'id': identity, 'question': question, 'video_id': video})
            else:
                label = {answer: 1.0}
                entries.append({'video': file.name, 'question_id': identity, 'sent': question, 'label': label})
    name = f'{split}_qa.json' if layout == 'official' else f'annotation/{prefix}_vqa_{split}.json'
    write_json(root / name, entries)
    if prefix == 'msvd' and layout == 'official':
        numbers = range(max(FIRST.values()) + VIDEOS)
        write_text(root / 'youtube_mapping.txt', ''.join(f'clip{video}_0_1 vid{video}\n' for video in numbers))


def write_video_captions(root: Path, split: str, layout: str, folder: str) -> None:
    """Two captions of each of two videos of MSR-VTT; see :func:`write_video_questions`."""
    names = [f'video{video}.mp4' for video in range(FIRST[split], FIRST[split] + VIDEOS)]
    captions = [[f'a {kind} is moving', f'the {kind} moves'] for kind in ASKED[0][1]]
    for number, name in enumerate(names):
        write_media(root / (folder if layout == 'official' else 'videos/all') / name, 'video', FIRST[split] + number)
    if layout == 'epalm':
        file = root / 'annotation' / f'msrvtt_caption_{"train7k" if split == "train" else split}.json'
        write_json(file, [{'video': n, 'caption': c} for n, c in zip(names, captions, strict=True)])
        return
    file = root / ('test_videodatainfo.json' if split == 'test' else 'train_val_videodatainfo.json')
    splits = ('test',) if split == 'test' else ('train', 'val')
    videos, sentences = [], []
    for number in (FIRST[part] + i for part in splits for i in range(VIDEOS)):
        part = next(part for part in splits if FIRST[part] <= number < FIRST[part] + VIDEOS)
        known = {
            'category': 9,
            'url': '',
            'video_id': f'video{number}',
            'start time': 0.0,
            'end time': 1.0,
            'id': number,
        }
        videos.append({**known, 'split': 'validate' if part == 'val' else part})
        for caption in captions[number % 2]:
            sentences.append({'caption': caption, 'video_id': f'video{number}', 'sen_id': len(sentences)})
    write_json(file, {'info': {'year': '2016', 'version': '1.0'}, 'videos': videos, 'sentences': sentences})
