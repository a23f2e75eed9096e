"""Facts about accelerators."""

import pytest

from mmalm.analysis.devices import ALIASES, devices, find_device
from mmalm.errors import ConfigError


@pytest.mark.parametrize('device', devices().values(), ids=lambda device: device.key)
def test_facts_are_whole_and_sourced(device):
    if device.key == 'cpu':
        return
    assert device.source.startswith('https://')
    assert set(device.tflops) == {'bf16', 'fp16', 'tf32', 'fp32'}
    assert device.tflops['fp16'] >= 2 * device.tflops['fp32'] * 0.99
    # Turing and Volta have neither
    assert (device.tflops['bf16'] is None) == (device.tflops['tf32'] is None) == (device.key in ('v100', 't4'))
    assert 10 < device.memory_gb < 200 and 100 < device.bandwidth_gbs < 10_000 and 50 < device.watts < 1000


def test_dense_rates_of_the_data_sheets():
    """Half of what is printed with sparsity."""
    assert find_device('h100').rate('bfloat16') == pytest.approx(1979e12 / 2, rel=1e-3)
    assert find_device('a100').rate('float16') == 624e12 / 2
    assert find_device('l4').rate('bfloat16') == 242e12 / 2
    # float32 is not TF32 unless a program asks for it
    assert find_device('a100').rate('float32') == 19.5e12


@pytest.mark.parametrize(
    ('written', 'key'),
    [
        ('h100', 'h100-sxm'),
        ('H100_PCIe', 'h100-pcie'),
        ('A100', 'a100-80gb'),
        ('NVIDIA RTX 4090', 'rtx4090'),
        ('T4', 't4'),
    ],
)
def test_names(written, key):
    assert find_device(written).key == key


def test_every_alias_leads_somewhere():
    assert {find_device(alias).key for alias in ALIASES} <= set(devices())


def test_formats_a_device_lacks_run_at_its_float32_rate():
    v100 = find_device('v100')
    assert v100.lacks('bfloat16') and not v100.lacks('float16')
    assert v100.rate('bfloat16') == v100.rate('float32') == 15.7e12


def test_unknown():
    with pytest.raises(ConfigError, match="no facts about a device 'h10'. Did you mean 'h100'"):
        find_device('h10')
    with pytest.raises(ConfigError, match='CPUs differ too much.*--measured-step'):
        find_device('cpu').rate('float32')
    assert not find_device('cpu').lacks('float32')
