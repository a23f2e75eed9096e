import json
import multiprocessing
import time

import pytest
import tiny_pictures
import torch
from PIL import Image
from tiny_pictures import TinyPictures, draw_pictures, tiny_encoder

from mmalm.datasets import CachedFeatures, FeatureCache, collate
from mmalm.datasets.transforms import ImageTransform
from mmalm.encoders.perception import Perception
from mmalm.errors import ConfigError, MissingDataError

COUNT = 10
# children that need not import everything again
FORK = multiprocessing.get_context('fork')


@pytest.fixture
def pictures(tmp_path):
    return draw_pictures(tmp_path / 'pictures', COUNT)


@pytest.fixture
def encoder():
    return tiny_encoder()


@pytest.fixture
def dataset(pictures, encoder):
    return TinyPictures(pictures, ImageTransform(encoder.preprocessing))


def fill_slowly(folder, pictures, delay, result=None):
    """What another process does that fills the same cache."""
    encoder = tiny_encoder()
    dataset = TinyPictures(pictures, ImageTransform(encoder.preprocessing), delay)
    computed = FeatureCache(folder, encoder, dataset.transform).fill(dataset, batch_size=2, progress=False)
    if result is not None:
        result.put(computed)


def check_all(cache, dataset, encoder):
    """Every picture has the features that the encoder gives it."""
    for start in range(0, COUNT, 2):
        keys = dataset.media[start : start + 2]
        expected = encoder(torch.stack([dataset.transform(dataset.load_media(key)) for key in keys])).cls
        for key, features in zip(keys, expected, strict=True):
            assert torch.equal(cache.features(cache.media_key(dataset, key)), features)


def test_cached_features_are_the_encoders_own_bit_for_bit(tmp_path, dataset, encoder):
    cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
    assert cache.fill(dataset, batch_size=2) == COUNT
    check_all(cache, dataset, encoder)
    check_all(FeatureCache(tmp_path / 'cache', encoder, dataset.transform), dataset, encoder)


def test_a_sample_runs_through_the_encoder_once(tmp_path, dataset, encoder):
    for expected in (COUNT, 0):
        cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
        assert cache.fill(dataset) == expected
    assert sorted(dataset.decoded) == dataset.media


def test_equal_files_share_a_row(tmp_path, dataset, encoder):
    (dataset.folder / '01.png').write_bytes((dataset.folder / '00.png').read_bytes())
    assert FeatureCache(tmp_path / 'cache', encoder, dataset.transform).fill(dataset) == COUNT - 1


def test_cached_samples_carry_features_and_decode_nothing(tmp_path, dataset, encoder):
    cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
    cache.fill(dataset)
    plain = dataset[3]
    dataset.decoded.clear()
    cached = CachedFeatures(dataset, cache)
    sample = cached[3]
    assert dataset.decoded == []
    assert sample.pop('modality') == 'image'
    assert torch.allclose(sample.pop('features'), encoder(plain.pop('pixels')[None]).cls[0], atol=1e-6)
    assert sample == plain
    assert len(cached) == 2 * COUNT and cached.media == dataset.media
    with pytest.raises(AttributeError):
        _ = cached.nothing_of_the_kind
    loader = torch.utils.data.DataLoader(cached, batch_size=4, collate_fn=collate, num_workers=1)
    assert next(iter(loader))['features'].shape == (4, 2, 8)


def test_levels_can_be_kept_instead(tmp_path, dataset, encoder):
    cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform, keep='levels')
    cache.fill(dataset, batch_size=COUNT)
    pixels = torch.stack([dataset.transform(dataset.load_media(key)) for key in dataset.media])
    expected = encoder(pixels)
    found = torch.stack([cache.features(cache.media_key(dataset, key)) for key in dataset.media])
    assert found.shape == (COUNT, 2, 1 + 5, 8)
    perception = Perception.from_features(found)
    assert torch.equal(perception.cls, expected.cls)
    assert all(torch.equal(*pair) for pair in zip(perception.levels, expected.levels, strict=True))


def test_what_the_connector_reads_is_kept(tmp_path, dataset, encoder):
    def cache(name, **settings):
        return FeatureCache(tmp_path / name, encoder, dataset.transform, **settings)

    assert cache('cls').keep == 'cls'
    assert cache('levels', reads='levels').keep == 'levels'
    assert cache('more', keep='levels', reads='cls').keep == 'levels'
    with pytest.raises(ConfigError, match=r"keep='cls' holds summary tokens alone.*reads all tokens.*Leave keep out"):
        cache('less', keep='cls', reads='levels')


def test_half_precision_halves_the_file(tmp_path, dataset, encoder):
    cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform, dtype='float16')
    cache.fill(dataset, batch_size=COUNT)
    assert (cache.folder / 'rows.bin').stat().st_size == COUNT * 2 * 8 * 2
    expected = encoder(dataset[0]['pixels'][None]).cls[0]
    features = cache.features(cache.media_key(dataset, dataset.media[0]))
    assert features.dtype == torch.float32
    assert (features - expected).abs().max() < 2e-3


def test_two_processes_fill_one_cache_and_share_the_work(tmp_path, pictures, dataset, encoder):
    result = FORK.Queue()
    writers = [FORK.Process(target=fill_slowly, args=(tmp_path / 'cache', pictures, 0.1, result)) for _ in range(2)]
    for process in writers:
        process.start()
    computed = [result.get(timeout=60) for _ in writers]
    for process in writers:
        process.join()
    assert [process.exitcode for process in writers] == [0, 0]
    assert sum(computed) == COUNT and min(computed) > 0
    cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
    assert len(cache.store) == COUNT
    assert (cache.folder / 'rows.bin').stat().st_size == COUNT * 2 * 8 * 4
    check_all(cache, dataset, encoder)


def test_a_killed_fill_is_taken_up_where_it_was(tmp_path, pictures, dataset, encoder):
    process = FORK.Process(target=fill_slowly, args=(tmp_path / 'cache', pictures, 0.1))
    process.start()
    index = tmp_path / 'cache' / 'index.txt'
    deadline = time.monotonic() + 60
    while not (index.exists() and index.stat().st_size > 0) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.join()
    cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
    there = len(cache.store)
    assert 0 < there < COUNT
    assert cache.fill(dataset, batch_size=2) == COUNT - there
    check_all(cache, dataset, encoder)


def test_damaged_rows_are_computed_again(tmp_path, dataset, encoder):
    FeatureCache(tmp_path / 'cache', encoder, dataset.transform).fill(dataset, batch_size=2)
    rows = tmp_path / 'cache' / 'rows.bin'
    rows.write_bytes(b'\1' * 64 + rows.read_bytes()[64:])
    cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
    with pytest.raises(MissingDataError, match='damaged'):
        cache.features(cache.media_key(dataset, dataset.media[0]))
    assert cache.fill(dataset, batch_size=2) == 1
    assert torch.isfinite(cache.features(cache.media_key(dataset, dataset.media[0]))).all()


@pytest.mark.parametrize('content', [None, b'no picture'])
def test_a_missing_or_broken_picture_is_the_data_sets_error_and_the_rest_stays(tmp_path, dataset, encoder, content):
    cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
    last = dataset.media_path(dataset.media[-1])
    last.unlink() if content is None else last.write_bytes(content)
    with pytest.raises(MissingDataError, match=r'09\.png'):
        cache.fill(dataset, batch_size=4)
    assert len(cache.store) == (0 if content is None else 8)


def test_what_was_not_filled_or_has_changed_is_named(tmp_path, dataset, encoder):
    cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
    with pytest.raises(MissingDataError, match='not filled.*Call fill'):
        CachedFeatures(dataset, cache)[0]
    cache.fill(dataset)
    (dataset.folder / '00.png').write_bytes((dataset.folder / '01.png').read_bytes() + b' ')
    with pytest.raises(MissingDataError, match='has changed since'):
        CachedFeatures(dataset, cache)[0]


def test_a_picture_that_changed_is_computed_anew_and_only_that_one(tmp_path, dataset, encoder):
    FeatureCache(tmp_path / 'cache', encoder, dataset.transform).fill(dataset)
    Image.new('RGB', (24, 20), 'red').save(dataset.folder / '00.png')
    later = FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
    assert later.fill(dataset) == 1
    with torch.no_grad():
        expected = encoder(dataset.transform(dataset.load_media('00.png'))[None]).cls[0]
    torch.testing.assert_close(CachedFeatures(dataset, later)[0]['features'], expected)


def test_how_pictures_are_decoded_is_part_of_the_key(tmp_path, dataset, encoder):
    cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
    keys = set()
    for background in ('white', 'black'):
        dataset.media_spec = {'background': background}
        keys.add(cache.media_key(dataset, '00.png'))
    assert len(keys) == 2


def test_the_key_tells_encoders_levels_and_transforms_apart(tmp_path, monkeypatch, dataset, encoder):
    monkeypatch.setenv('MMALM_HOME', str(tmp_path))
    squash, crop = dataset.transform, ImageTransform(encoder.preprocessing, resize='crop')
    cases = [
        (encoder, squash, {}),
        (tiny_encoder(seed=1), squash, {}),
        (tiny_encoder(levels=1), squash, {}),
        (tiny_encoder(pooling='mean'), squash, {}),
        (tiny_encoder(normed=False), squash, {}),
        (encoder, crop, {}),
        (encoder, squash, dict(dtype='float16')),
        (encoder, squash, dict(keep='levels')),
    ]
    caches = [FeatureCache(None, model, transform, **more) for model, transform, more in cases]
    assert len({cache.folder for cache in caches}) == len(cases)
    assert caches[0].folder.parent == tmp_path / 'features'
    assert FeatureCache(None, tiny_encoder(), squash).folder == caches[0].folder
    assert json.loads((caches[0].folder / 'cache.json').read_text())['shape'] == [2, 8]


def test_a_folder_with_other_features_is_refused(tmp_path, dataset, encoder):
    FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
    with pytest.raises(ConfigError, match=r'(?s)holds other features.*encoder: it has.*fingerprint'):
        FeatureCache(tmp_path / 'cache', tiny_encoder(seed=1), dataset.transform)
    (tmp_path / 'cache' / 'cache.json').write_text('{')
    with pytest.raises(ConfigError, match='cache.json is damaged.*delete the folder'):
        FeatureCache(tmp_path / 'cache', encoder, dataset.transform)


def test_a_folder_of_something_else_is_left_alone(pictures, dataset, encoder):
    with pytest.raises(ConfigError, match='not a feature cache'):
        FeatureCache(pictures, encoder, dataset.transform)


def test_a_random_transform_is_refused(tmp_path, encoder):
    with pytest.raises(ConfigError, match=r"transform is random \(\{'flip': True\}\)"):
        FeatureCache(tmp_path / 'cache', encoder, ImageTransform(encoder.preprocessing, augment=dict(flip=True)))


def test_an_encoder_that_trains_is_refused(tmp_path, dataset, encoder):
    encoder.model.layernorm.bias.requires_grad_(True)
    with pytest.raises(ConfigError, match='1 parameters of the encoder train.*layernorm.bias'):
        FeatureCache(tmp_path / 'cache', encoder, dataset.transform)


def test_pictures_prepared_for_another_encoder_are_refused(tmp_path, encoder):
    other = ImageTransform(encoder.preprocessing.changed(mean=(0.4,) * 3))
    with pytest.raises(ConfigError, match='the encoder config:vit expects'):
        FeatureCache(tmp_path / 'cache', encoder, other)


def test_levels_of_unequal_width_are_refused(tmp_path):
    resnet = dict(model_type='resnet', embedding_size=4, hidden_sizes=[4, 8], depths=[1, 1], layer_type='basic')
    with torch.device('cpu'):
        encoder = tiny_pictures.TransformersEncoder(config=resnet, levels=2, pooling='mean', image_size=32)
    with pytest.raises(ConfigError, match='differ in width'):
        FeatureCache(tmp_path / 'cache', encoder, ImageTransform(encoder.preprocessing))


def test_filling_is_in_eval_and_leaves_modes_as_they_were(tmp_path, pictures):
    torch.manual_seed(0)
    config = {**tiny_pictures.VIT, 'hidden_dropout_prob': 0.5}
    encoder = tiny_pictures.TransformersEncoder(config=config, levels=2)
    dataset = TinyPictures(pictures, ImageTransform(encoder.preprocessing))
    cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
    encoder.model.train()
    cache.fill(dataset, batch_size=2)
    assert encoder.model.layernorm.training
    check_all(cache, dataset, encoder.eval())


def test_progress_is_a_line_now_and_then_off_a_terminal(tmp_path, dataset, encoder, capsys):
    cache = FeatureCache(tmp_path / 'cache', encoder, dataset.transform)
    cache.fill(dataset, batch_size=2)
    assert capsys.readouterr().err == f'features: {COUNT} of {COUNT}, 0 s left\n'
    cache.fill(dataset, progress=False)
    assert capsys.readouterr().err == ''
