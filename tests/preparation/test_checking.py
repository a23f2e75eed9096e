"""What is said of a data set's folder: whole, with parts missing, with files that the reader refuses."""

import base64
import json

import msgspec
import pytest

from mmalm.datasets import GQADataset, JsonlDataset, ScienceQADataset, SNLIVEDataset, VQAv2Dataset
from mmalm.errors import ConfigError
from mmalm.preparation.catalog import Folder, Split, find_data_set
from mmalm.preparation.checking import check_data_set
from mmalm.preparation.report import findings_text

Q, A = 'v2_OpenEnded_mscoco_{}_questions.json', 'v2_mscoco_{}_annotations.json'
LABELS, VOCABULARY = 'trainval_ans2label.json, trainval_label2ans.json', 'vocabulary.json'


@pytest.fixture
def root(tmp_path):
    """VQA v2 in miniature: 8 questions a split, about 4 pictures."""
    VQAv2Dataset.shrink({}, tmp_path)
    answer(tmp_path / 'vqav2', ['Two', '2.', 'the cat'], ['2', 'dog'])
    return tmp_path / 'vqav2'


def answer(root, *answers):
    """Let these be what most annotators gave in the training and the validation split, in turns."""
    for subset, given in zip(('train2014', 'val2014'), answers, strict=True):
        file = root / A.format(subset)
        content = json.loads(file.read_text())
        for number, annotation in enumerate(content['annotations']):
            annotation['multiple_choice_answer'] = given[number % len(given)]
        file.write_text(json.dumps(content))


def tiny(name='vqav2', samples=8, media=4, entries=None):
    """A data set as published, had it as few questions and pictures as the made-up one."""
    data = find_data_set(name)
    downloads = [
        msgspec.structs.replace(d, folders=[Folder(f.path, f.endings, media) for f in d.folders])
        for d in data.downloads
    ]
    splits = {split: Split(known.arguments, samples) for split, known in data.splits.items()}
    builds = [msgspec.structs.replace(b, entries=entries) for b in data.builds]
    return msgspec.structs.replace(data, downloads=downloads, splits=splits, builds=builds)


def states(data, root, *splits, **arguments):
    return {finding.what: finding.state for finding in check_data_set(data, root, splits, **arguments)}


def found(data, root, what, *splits):
    return next(finding for finding in check_data_set(data, root, splits) if finding.what == what)


def test_all_there(root):
    first = list(check_data_set(tiny(), root))
    assert {finding.what: finding.state for finding in first if finding.state != 'here'} == {
        LABELS: 'built',
        VOCABULARY: 'built',
    }
    assert all(finding.good for finding in first) and len(first) == 6 + 3 + 4 + 2
    assert set(states(tiny(), root).values()) == {'here'}
    text = findings_text(tiny(), root, first)
    assert text.endswith('All there.') and 'split train' in text and '8 samples, 4 media' in text


def test_label_files_hold_what_nine_questions_chose(root):
    # '2' was chosen 3 + 3 + 4 times in its forms, 'cat' twice, 'dog' 4 times
    assert found(tiny(), root, LABELS).found == '1 entries'
    assert json.loads((root / 'trainval_ans2label.json').read_text()) == {'2': 0}
    assert json.loads((root / 'trainval_label2ans.json').read_text()) == ['2']
    assert found(tiny(), root, VOCABULARY).found == '1 entries'
    assert json.loads((root / VOCABULARY).read_text())['answers'] == ['2']


def test_too_few_answers_make_no_labels(root):
    answer(root, ['a', 'b'], ['c'])
    assert 'have too few answers to make labels of' in found(tiny(), root, LABELS).hint
    assert not (root / 'trainval_label2ans.json').exists()


def test_missing_parts_and_where_they_come_from(root):
    (root / Q.format('val2014')).unlink()
    (root / A.format('train2014')).write_text('')
    assert states(tiny(), root) == {
        **dict.fromkeys([Q.format(s) for s in ('train2014', 'test2015', 'test-dev2015')], 'here'),
        **dict.fromkeys(
            [A.format('val2014'), 'train2014/', 'val2014/', 'test2015/', 'split test', 'split test-dev'], 'here'
        ),
        **dict.fromkeys([Q.format('val2014'), A.format('train2014')], 'missing'),
        **dict.fromkeys(['split train', 'split val'], 'not read'),
        LABELS: 'wrong',  # of an empty file
        VOCABULARY: 'wrong',
    }
    missing = found(tiny(), root, Q.format('val2014'))
    assert (
        missing.hint
        == 'validation questions: https://s3.amazonaws.com/cvmlp/vqa/mscoco/vqa/v2_Questions_Val_mscoco.zip (4 MB)'
    )
    text = findings_text(tiny(), root, list(check_data_set(tiny(), root)))
    assert missing.hint in text and text.endswith('6 of 15 are not as they should be.')


def test_too_few_pictures(root):
    assert found(tiny(media=5), root, 'train2014/').state == 'partial'
    (root / 'train2014' / 'COCO_train2014_000000000101.jpg').unlink()
    refused = found(tiny(), root, 'split train')
    assert refused.state == 'wrong' and '1 of 4 pictures that are asked about are not in' in refused.hint


def test_other_numbers_than_published(root):
    assert found(tiny(samples=9), root, 'split val').state == 'differs'
    assert found(tiny(entries=3129), root, LABELS).state == 'differs'
    assert found(find_data_set('vqav2'), root, 'split train').published == '443,757 samples'


def test_what_the_reader_refuses(root):
    (root / Q.format('val2014')).write_text('{"questions": 3}')
    assert 'Expected `array`, got `int`' in found(tiny(), root, 'split val').hint


def test_one_split_alone(root):
    (root / Q.format('val2014')).unlink()
    (root / A.format('val2014')).unlink()
    assert set(states(tiny(), root, 'train')) == {
        Q.format('train2014'),
        A.format('train2014'),
        'train2014/',
        'split train',
    }
    with pytest.raises(ConfigError, match="has no split 'dev'. .*Splits: train, val"):
        list(check_data_set(tiny(), root, ['dev']))


def test_nothing_is_built_unless_asked(root):
    assert states(tiny(), root, builds=False)[LABELS] == 'missing'
    assert not (root / 'trainval_ans2label.json').exists()
    (root / 'trainval_ans2label.json').write_text('[]')
    (root / 'trainval_label2ans.json').write_text('[]')
    assert 'Delete it to have it built anew' in found(tiny(), root, LABELS).hint


def test_gqa_and_its_labels(tmp_path):
    for split in ('train', 'val', 'testdev', 'test', 'submission'):
        GQADataset.shrink({'split': split}, tmp_path)
    findings = list(check_data_set(tiny('gqa', media=16), tmp_path / 'gqa'))
    assert all(finding.good for finding in findings), findings
    assert json.loads((tmp_path / 'gqa' / 'trainval_label2ans.json').read_text()) == ['red', 'yes']


def test_ones_own_data(tmp_path):
    for split in ('train', 'val', 'test'):
        JsonlDataset.shrink({'split': split}, tmp_path)
    data, root = find_data_set('jsonl'), tmp_path / 'jsonl'
    assert set(states(data, root).values()) == {'here'}
    with (root / 'val.jsonl').open('a') as file:
        file.write('{"media": "media/nowhere.jpg", "answers": "x"}\n')
    assert 'line 9: media/nowhere.jpg is not in' in found(data, root, 'split val').hint


def test_snli_ve_of_its_own_files_and_of_tables(tmp_path):
    for split in ('train', 'dev', 'test'):
        SNLIVEDataset.shrink({'split': split}, tmp_path)
    root, data = tmp_path / 'snli_ve', tiny('snli_ve', samples=9, media=9)
    assert states(data, root).pop(VOCABULARY) == 'built' and set(states(data, root).values()) == {'here'}
    lines = [json.loads(line) for line in (root / 'snli_ve_dev.jsonl').read_text().splitlines()]
    picture = base64.b64encode((root / 'flickr30k_images' / '10.jpg').read_bytes()).decode()
    columns = [(o['pairID'], o['pairID'][:2], picture, o['sentence2'], o['sentence1'], o['gold_label']) for o in lines]
    (root / 'snli_ve_dev.tsv').write_text(''.join('\t'.join(column) + '\n' for column in columns))
    (root / 'snli_ve_dev.jsonl').unlink()
    assert states(data, root, 'train', 'test')['split test'] == 'here'  # which need no table
    assert states(data, root, builds=False)['split dev'] == 'not read'
    first = next(iter(check_data_set(data, root)))
    assert (first.what, first.state, first.found) == ('snli_ve_dev.jsonl', 'built', '9 entries')
    assert set(states(data, root).values()) == {'here'}


def test_scienceqa(tmp_path):
    content = {}
    for split in ('train', 'val', 'test'):
        ScienceQADataset.shrink({'split': split}, tmp_path)
        content[split] = json.loads((tmp_path / 'scienceqa' / 'pid_splits.json').read_text())[split]
    root = tmp_path / 'scienceqa'
    (root / 'pid_splits.json').write_text(json.dumps(content))
    for split in ('train', 'val'):  # all splits ask about the problems of the last
        for number in (0, 2, 4, 6):
            (root / 'images' / split / str(number)).mkdir(exist_ok=True)
    findings = list(check_data_set(tiny('scienceqa'), root))
    assert all(finding.good for finding in findings), findings
    split = found(tiny('scienceqa'), root, 'split test')
    # blank ones are no media
    assert split.found == '8 samples, 4 media' and '4 of 8 questions have no picture' in split.hint
