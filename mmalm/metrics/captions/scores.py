"""The scores of captions by name: what each is computed by, and what it needs."""

from collections.abc import Sequence
from typing import Literal

from .bleu import bleu
from .cider import cider
from .java import Programs
from .meteor import meteor
from .ptb import tokenise
from .rouge import rouge_l
from .spice import spice

# in the order in which they are told
Score = Literal['cider', 'bleu', 'rouge_l', 'meteor', 'spice', 'spider']
SCORES: tuple[Score, ...] = ('cider', 'bleu', 'rouge_l', 'meteor', 'spice', 'spider')
# without Java
PLAIN: tuple[Score, ...] = ('cider', 'bleu', 'rouge_l')
# the Java program a score needs
PROGRAM = {'meteor': 'meteor', 'spice': 'spice', 'spider': 'spice'}
BLEU = ('bleu1', 'bleu2', 'bleu3', 'bleu4')


def names(scores: Sequence[str]) -> list[str]:
    """Names of the figures that scores give, in their order."""
    asked = [score for score in SCORES if score in scores]
    return [name for score in asked for name in (BLEU[::-1] if score == 'bleu' else [score])]


def caption_scores(
    captions: Sequence[str],
    references: Sequence[Sequence[str]],
    scores: Sequence[str] = PLAIN,
    programs: Programs | None = None,
) -> dict[str, float]:
    """Scores of a corpus of captions, none of them ever NaN.

    Args:
        captions: as predicted, one a media; an empty one scores 0.
        references: as written, one or more for each.
        scores: some of :data:`SCORES`.
        programs: where METEOR and SPICE are, for them.

    Returns:
        figures by name; BLEU, ROUGE-L, METEOR and SPICE 0 to 1, CIDEr-D 0 to 10, SPIDEr, their mean with SPICE, 0 to 5.5.
    """
    mine = [tokenise(caption) for caption in captions]
    theirs = [[tokenise(text) for text in texts] for texts in references]
    found: dict[str, float] = {}
    if {'cider', 'spider'} & set(scores):
        found['cider'] = _mean(cider(mine, theirs))
    if 'bleu' in scores:
        found |= zip(BLEU, bleu(mine, theirs), strict=True)
    if 'rouge_l' in scores:
        found['rouge_l'] = _mean([rouge_l(caption, texts) for caption, texts in zip(mine, theirs, strict=True)])
    if 'meteor' in scores:
        found['meteor'] = meteor(mine, theirs, programs)
    if {'spice', 'spider'} & set(scores):
        found['spice'] = spice(mine, theirs, programs)
    if 'spider' in scores:
        found['spider'] = (found['cider'] + found['spice']) / 2
    return {name: found[name] for name in names(scores)}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
