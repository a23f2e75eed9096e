"""Time, energy and memory of whole runs."""

from collections import Counter

import pytest
import torch

from mmalm.analysis.costs import Costs
from mmalm.analysis.devices import Device, find_device
from mmalm.analysis.ledger import BACKWARD, FORWARD, Entry
from mmalm.analysis.memory import Memory
from mmalm.analysis.parts import ABOVE, ENCODER
from mmalm.analysis.run_costs import RESERVE, UTILISATION, estimate_config, estimate_run
from mmalm.analysis.workload import Workload
from mmalm.errors import ConfigError

# 1 GFLOP/s in float32, 10 in bfloat16
DEVICE = Device('toy', 'Toy', {'fp32': 1e-3, 'bf16': 1e-2, 'fp16': None, 'tf32': None}, 2, 1, 36, 'nowhere')
BF16, FP32 = torch.bfloat16, torch.float32


@pytest.fixture
def costs():
    """A batch of 5: the encoder 5 GFLOP, the rest 2 in float32 and 10 in bfloat16."""
    tally = Counter(
        {
            Entry(FORWARD, ENCODER, False, FP32): 5 * 10**9,
            Entry(FORWARD, ABOVE, False, FP32): 2 * 10**9,
            Entry(BACKWARD, ABOVE, True, BF16): 10 * 10**9,
        }
    )
    return Costs(Workload(5, 4, 1), 1, {}, {'training': tally}, Memory({'float32': 4 * 10**8}, activations=5 * 10**8))


def test_by_the_peak_of_each_format(costs):
    run = estimate_run(costs, DEVICE, samples=12, epochs=2, utilisation=0.5)
    # 12 samples are 3 batches; 5 + 2 + 1 s each at the peak
    assert run.steps == 6 and run.step_seconds == pytest.approx(16) and run.seconds == pytest.approx(96)
    assert run.flops == 6 * 17 * 10**9
    assert run.energy_kwh == pytest.approx(96 * 36 / 3.6e6)
    assert run.memory == 9 * 10**8 + RESERVE and run.capacity == 2 * 10**9 and run.fits
    assert not run.assumed and run.missing_formats == ()


def test_a_cache_runs_the_encoder_once_a_sample(costs):
    run = estimate_run(costs, DEVICE, samples=12, epochs=2, utilisation=1.0, caches_features=True)
    assert run.seconds == pytest.approx(6 * 3 + 12 * 1) and run.seconds_other == pytest.approx(6 * 8)
    assert run.flops == 6 * 12 * 10**9 + 12 * 10**9
    assert run.step_seconds == pytest.approx(3)
    other = estimate_run(costs, DEVICE, samples=12, epochs=2, utilisation=1.0)
    assert (other.seconds, other.seconds_other) == (run.seconds_other, run.seconds)


def test_several_devices_share_a_batch(costs):
    run = estimate_run(costs, DEVICE, samples=20, epochs=1, devices=2, utilisation=1.0, caches_features=True)
    assert run.steps == 2 and run.seconds == pytest.approx(2 * 3 + 20 / 2)
    assert run.flops == 2 * 2 * 12 * 10**9 + 20 * 10**9
    assert run.energy_kwh == pytest.approx(16 * 2 * 36 / 3.6e6)


def test_the_default_is_called_an_assumption(costs):
    run = estimate_run(costs, DEVICE, samples=5, epochs=1)
    assert run.assumed and run.utilisation == UTILISATION and run.seconds == pytest.approx(8 / 0.35)


def test_a_measured_step_tells_the_utilisation(costs):
    run = estimate_run(costs, DEVICE, samples=10, epochs=3, measured_step=20.0)
    assert run.utilisation == pytest.approx(0.4) and run.seconds == 120 and run.seconds_other is None
    assert not run.assumed
    cached = estimate_run(costs, DEVICE, samples=10, epochs=3, measured_step=20.0, caches_features=True)
    assert cached.utilisation == pytest.approx(0.15)


def test_a_measured_step_on_a_cpu(costs):
    run = estimate_run(costs, find_device('cpu'), samples=10, epochs=1, measured_step=3.0)
    assert run.seconds == 6 and run.utilisation is None and run.energy_kwh is None and run.fits is None
    assert run.as_dict()['fits'] is None
    with pytest.raises(ConfigError, match='CPUs differ'):
        estimate_run(costs, find_device('cpu'), samples=10, epochs=1)


def test_too_large_and_without_the_right_units(costs):
    small = Device('small', 'Small', {'fp32': 1, 'bf16': None}, 1, 1, 1, 'nowhere')
    run = estimate_run(costs, small, samples=5, epochs=1)
    assert not run.fits and run.as_dict()['fits'] is False
    assert run.missing_formats == ('bfloat16',)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(samples=0), 'samples must be a whole number from 1 on, found 0'),
        (dict(samples=-3), 'samples must be'),
        (dict(epochs=0), 'epochs must be'),
        (dict(utilisation=0.0), r'in \(0, 1\], found 0.0'),
        (dict(utilisation=1.2), r'in \(0, 1\], found 1.2'),
        (dict(utilisation=float('nan')), r'in \(0, 1\], found nan'),
        (dict(measured_step=0.0), 'more than 0 seconds'),
        (dict(measured_step=float('inf')), 'more than 0 seconds'),
        (dict(utilisation=0.5, measured_step=1.0), 'not both'),
        (dict(measured_step=1.0), '8.0 times as fast as the peak of Toy'),
    ],
)
def test_impossible(costs, arguments, message):
    with pytest.raises(ConfigError, match=message):
        estimate_run(costs, DEVICE, **{'samples': 5, 'epochs': 1, **arguments})


def test_a_configs_epochs_and_cache(costs):
    config = dict(train_cfg=dict(max_epochs=4), feature_cache=dict(enabled=True))
    run = estimate_config(costs, config, 'h100', samples=5)
    assert run.epochs == 4 and run.caches_features and run.device == 'NVIDIA H100 SXM 80 GB'
    assert estimate_config(costs, config, 'h100', samples=5, epochs=2).epochs == 2
    for cache in (None, dict(enabled=False)):
        assert not estimate_config(costs, config | dict(feature_cache=cache), 'h100', samples=5).caches_features
    assert estimate_config(costs, config | dict(feature_cache=dict(folder='x')), 'h100', samples=5).caches_features
    with pytest.raises(ConfigError, match='give --epochs'):
        estimate_config(costs, {}, 'h100', samples=5)
