"""The released eP-ALM's recorded numbers, and that a wrong rebuild is caught."""

from pathlib import Path

import pytest
from safetensors.torch import safe_open, save_file

from mmalm.errors import ConfigError, MissingDataError
from mmalm.parity import check_case

CASES = sorted((Path(__file__).parents[1] / 'data' / 'parity').glob('epalm_*.safetensors'))


def read(path: Path) -> tuple[dict, dict]:
    with safe_open(str(path), 'pt') as case:
        return case.metadata(), {name: case.get_tensor(name) for name in case.keys()}  # noqa: SIM118


def test_cases_are_there() -> None:
    assert len(CASES) == 5


@pytest.mark.parametrize('path', CASES, ids=lambda path: path.stem)
def test_recorded_numbers(path: Path) -> None:
    comparisons = {c.tensor: c for c in check_case(path)}
    assert {'logits', 'logits_without_perception', 'loss_per_sample'} <= set(comparisons)
    assert ('generated_beams1' in comparisons) == ('generation' in path.name)
    assert all(c.passed for c in comparisons.values()), comparisons


def test_another_layout_fails(tmp_path: Path) -> None:
    settings, tensors = read(CASES[1])
    path = tmp_path / 'other.safetensors'
    save_file(tensors, path, {**settings, 'start': '3'})
    outcome = {c.tensor: c.passed for c in check_case(path)}
    assert not outcome['logits'] and outcome['logits_without_perception']


def test_causal_visibility_would_fail_where_the_released_mask_leaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('mmalm.parity.epalm._visibility', lambda settings, lm: 'causal')
    path = next(path for path in CASES if 'reference_mask' in path.name)
    assert not {c.tensor: c.passed for c in check_case(path)}['logits']


def test_unreadable_and_unknown_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match='no parity file'):
        check_case(tmp_path / 'none.safetensors')
    (tmp_path / 'text.safetensors').write_text('not tensors')
    with pytest.raises(MissingDataError, match='not a readable safetensors file'):
        check_case(tmp_path / 'text.safetensors')
    settings, tensors = read(CASES[0])
    inputs = {n: t for n, t in tensors.items() if not n.startswith(('logits', 'loss', 'generated'))}
    save_file(inputs, tmp_path / 'empty.safetensors', settings)
    with pytest.raises(ConfigError, match='holds no output to compare'):
        check_case(tmp_path / 'empty.safetensors')
    save_file({n: t for n, t in tensors.items() if n != 'features'}, tmp_path / 'part.safetensors', settings)
    with pytest.raises(ConfigError, match="cannot be rebuilt: KeyError: 'features'"):
        check_case(tmp_path / 'part.safetensors')
    save_file({**tensors, 'extra': tensors['logits'].clone()}, tmp_path / 'extra.safetensors', settings)
    with pytest.warns(UserWarning, match='not compared, since nothing is known of them: extra'):
        assert all(c.passed for c in check_case(tmp_path / 'extra.safetensors'))
    save_file(tensors, tmp_path / 'method.safetensors', {**settings, 'method': 'epalmm'})
    with pytest.raises(ConfigError, match="Did you mean 'epalm'"):
        check_case(tmp_path / 'method.safetensors')


def test_layers_and_levels_beyond_the_model_are_passed_over_as_released(tmp_path: Path) -> None:
    path = next(path for path in CASES if 'to_last_layer' in path.name and 'prompt' not in path.name)
    settings, tensors = read(path)
    assert (settings['start'], settings['end'], settings['num_tokens']) == ('2', '8', '3')
    # from 2 to 11 three levels take three layers each: layers 8 to 10 are not there, and so neither is the deepest level
    changed = tmp_path / 'beyond.safetensors'
    save_file(tensors, changed, {**settings, 'end': '11'})
    assert {c.tensor for c in check_case(changed)} == {'logits', 'logits_without_perception', 'loss_per_sample'}
    assert not {c.tensor: c.passed for c in check_case(changed)}['logits']
