"""What the documents show works, and what they point to is there."""

import re
from pathlib import Path

import pytest
import torch

from mmalm.encoders.perception import Perception
from mmalm.registry import CONNECTORS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob('*.md'), *(ROOT / 'docs').rglob('*.md')])


def test_the_component_shown_in_the_architecture_works():
    text = (ROOT / 'docs' / 'architecture.md').read_text(encoding='utf-8')
    (code,) = re.findall(r'```python\n(.*?)```', text, re.DOTALL)
    try:
        exec(compile(code, 'architecture.md', 'exec'), {'__name__': 'shown', '__package__': 'mmalm.connectors'})
        connector = CONNECTORS.build(dict(type='MlpConnector', ratio=4), widths=[5, 6], hidden_size=8)
    finally:
        CONNECTORS.module_dict.pop('MlpConnector', None)
    assert connector(Perception(torch.randn(3, 2, 6))).shape == (3, 1, 1, 8)
    assert connector.layers[0].out_features == 32


@pytest.mark.parametrize('document', DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(document):
    text = document.read_text(encoding='utf-8')
    targets = re.findall(r'\]\(([^)#\s]+)[^)]*\)', text) + re.findall(r'src="([^"]+)"', text)
    for target in targets:
        if '://' not in target:
            assert (document.parent / target).exists(), f'{document.name} links to {target}'
