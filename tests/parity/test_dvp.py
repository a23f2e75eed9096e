"""The released DVP's recorded numbers, and that a wrong rebuild is caught."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import safe_open, save_file

from mmalm.errors import ConfigError
from mmalm.parity import check_case

CASES = sorted((Path(__file__).parents[1] / 'data' / 'parity').glob('dvp_*.safetensors'))


def read(path: Path) -> tuple[dict, dict]:
    with safe_open(str(path), 'pt') as case:
        return case.metadata(), {name: case.get_tensor(name) for name in case.keys()}  # noqa: SIM118


def changed(path: Path, folder: Path, tensors: dict | None = None, **settings: str) -> Path:
    kept, found = read(path)
    save_file({**found, **(tensors or {})}, folder / 'case.safetensors', {**kept, **settings})
    return folder / 'case.safetensors'


def test_cases_are_there() -> None:
    assert [path.stem for path in CASES] == ['dvp_bert_adapter_layer0', 'dvp_bert_layer2', 'dvp_llama_adapter_layer3']


@pytest.mark.parametrize('path', CASES, ids=lambda path: path.stem)
def test_recorded_numbers(path: Path) -> None:
    comparisons = {c.tensor: c for c in check_case(path)}
    assert len(comparisons) == 2 and 'logits' in comparisons
    assert all(c.difference < 1e-5 for c in comparisons.values()), comparisons


@pytest.mark.parametrize('path', CASES, ids=lambda path: path.stem)
def test_every_layer_and_part_counts(path: Path, tmp_path: Path) -> None:
    settings, tensors = read(path)
    other = str((int(settings['insert_layer']) + 1) % 5)
    assert not all(c.passed for c in check_case(changed(path, tmp_path, insert_layer=other)))
    for name in (
        'visual_tokens',
        'cross_attn.linear_q.weight',
        'token_type_embeddings.weight',
        'adapter_modules.3.up_sampler.bias',
    ):
        if name in tensors:
            case = changed(path, tmp_path, {name: tensors[name] + torch.randn_like(tensors[name])})
            assert not all(c.passed for c in check_case(case)), name


def test_another_language_model(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="bert or llama, this one says 't5'"):
        check_case(changed(CASES[0], tmp_path, lm='t5'))
