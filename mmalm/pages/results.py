"""The page of a test: scores, and what the model answered about which picture."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .attention import Attention
from .cards import MODES, SHOWN, SHOWN_PLAYERS, VERDICTS, card, choose, first_verdict
from .confusion import confusion_tables
from .previews import Previews, modality_of
from .render import nouns, render
from .scores import headline, score_columns, score_groups


def results_page(
    results: Mapping[str, Any],
    dataset: Any,
    title: str = 'results',
    count: int | None = None,
    attention: Callable[[Sequence[int]], Mapping[int, Attention]] | None = None,
) -> str:
    """The page of a results file.

    Args:
        results: as ``tools/test.py`` writes it, with ``predictions``.
        dataset: its ``load_media`` gives the media; where there is none, the page shows none.
        title: of the page, usually the config's name.
        count: the most predictions that are shown, 240 pictures or 96 videos and sounds unless told; counts and tables are of all.
        attention: gives what the prompts of the shown samples attend to.

    Returns:
        HTML that needs nothing but itself.
    """
    predictions = results['predictions']
    kinds = {modality_of(dataset, prediction['media']) for prediction in predictions if prediction.get('media')}
    places = choose(predictions, count or (SHOWN if kinds <= {'image'} else SHOWN_PLAYERS))
    watched = {} if attention is None else attention(places)
    preview = Previews(len(places) + len(watched))
    cards = []
    for place in places:
        shown = card(place, predictions[place])
        shown['preview'] = preview.of(dataset, shown['media'])
        shown['attention'] = _attention(preview, watched[place]) if place in watched else None
        cards.append(shown)
    cards.sort(key=lambda shown: (VERDICTS.index(shown['verdict']), shown['share'], shown['place']))
    verdicts = Counter(map(first_verdict, predictions))
    return render(
        'results.html',
        title=title,
        results=results,
        headline=headline(results),
        columns=list(score_columns(results)),
        groups=score_groups(results),
        confusions=confusion_tables(predictions),
        cards=cards,
        total=len(predictions),
        nouns=nouns(kinds),
        verdicts={name: verdicts[name] for name in VERDICTS if verdicts[name]},
        shown_verdicts=Counter(shown['verdict'] for shown in cards),
        tasks=Counter(shown['task'] for shown in cards),
        answers=Counter(str(shown['answer']) for shown in cards if shown['answer'] not in (None, '')),
        watched=bool(watched),
        modes=[mode for mode in MODES if any(prediction.get(mode) is not None for prediction in predictions)],
        config=json.dumps(results.get('config'), indent=2, ensure_ascii=False),
    )


def _attention(preview: Previews, found: Attention) -> dict[str, Any]:
    return {
        'picture': preview.thumbnail(found.overlay()),
        'most': found.most,
        'uniform': 1 / found.patches.size,
        'elsewhere': found.elsewhere,
    }
