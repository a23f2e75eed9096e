import pytest
import torch

from mmalm.heads.classifier import Classifier


def test_layers_and_start() -> None:
    torch.manual_seed(0)
    classifier = Classifier(64, 32, 500)
    feature = torch.randn(3, 64)
    hidden = torch.nn.functional.gelu(torch.nn.functional.layer_norm(classifier[0](feature), [32]))
    torch.testing.assert_close(classifier(feature), classifier[3](hidden))
    assert classifier[3].weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert not classifier[0].bias.any() and not classifier[3].bias.any()


@pytest.mark.parametrize(
    ('width', 'hidden', 'answers', 'count'),
    [
        (768, 1536, 3129, 5_993_529),
        (768, 1536, 1843, 4_016_947),
        (768, 1536, 3, 1_188_867),
        (4096, 512, 3129, 3_703_865),
        (4096, 512, 1843, 3_044_147),
        (4096, 512, 3, 2_100_227),
    ],
)
def test_published_sizes(width: int, hidden: int, answers: int, count: int) -> None:
    with torch.device('meta'):
        assert sum(p.numel() for p in Classifier(width, hidden, answers).parameters()) == count
