"""Write figures.json: the scores of sample.json by pycocoevalcap 1.2 with Java, to compare ours with.

Run once, by hand: pip install pycocoevalcap; install a Java runtime; python tests/data/captions/make_figures.py
SPICE's parser is fetched apart (docs/metrics.md); without it figures.json has no SPICE.
"""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

# the tokeniser's Java reads and writes in the machine's encoding
os.environ['JAVA_TOOL_OPTIONS'] = '-Dfile.encoding=UTF-8'

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.meteor.meteor import Meteor
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

HERE = Path(__file__).parent


def main() -> None:
    sample = json.loads((HERE / 'sample.json').read_text(encoding='utf-8'))
    tokenise = PTBTokenizer().tokenize
    references = tokenise({entry['media']: [{'caption': text} for text in entry['references']] for entry in sample})
    captions = tokenise({entry['media']: [{'caption': entry['caption']}] for entry in sample})
    bleu, _ = Bleu(4).compute_score(references, captions, verbose=0)
    cider, each_cider = Cider().compute_score(references, captions)
    rouge, each_rouge = Rouge().compute_score(references, captions)
    meteor, _ = Meteor().compute_score(references, captions)
    figures = {
        'made_by': f'pycocoevalcap {version("pycocoevalcap")}, python {platform.python_version()}, Java, UTF-8; make_figures.py',
        'tokens': {media: [captions[media][0], *references[media]] for media in captions},
        'scores': {f'bleu{n + 1}': value for n, value in enumerate(bleu)}
        | {'cider': cider, 'rouge_l': rouge, 'meteor': meteor},
        'each': {'cider': list(each_cider), 'rouge_l': list(each_rouge)},
    }
    (HERE / 'figures.json').write_text(json.dumps(figures, ensure_ascii=False, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
