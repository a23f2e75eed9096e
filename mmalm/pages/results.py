"""The page of a test: scores, and what the model answered about which picture."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from .cards import MODES, SHOWN, VERDICTS, card, choose, first_verdict
from .confusion import confusion_tables
from .render import render
from .scores import headline, score_columns, score_groups
from .thumbnails import Thumbnails


def results_page(results: Mapping[str, Any], dataset: Any, title: str = 'results', count: int = SHOWN) -> str:
    """The page of a results file.

    Args:
        results: as ``tools/test.py`` writes it, with ``predictions``.
        dataset: its ``load_media`` gives the pictures; where there is none, the page has none.
        title: of the page, usually the config's name.
        count: the most predictions that are shown; counts and tables are of all.

    Returns:
        HTML that needs nothing but itself.
    """
    predictions = results['predictions']
    places = choose(predictions, count)
    thumbnail = Thumbnails(len(places))
    cards = []
    for place in places:
        shown = card(place, predictions[place])
        shown['picture'], shown['instead'] = thumbnail.of(dataset, shown['media'])
        cards.append(shown)
    cards.sort(key=lambda shown: (VERDICTS.index(shown['verdict']), shown['place']))
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
        verdicts={name: verdicts[name] for name in VERDICTS if verdicts[name]},
        shown_verdicts=Counter(shown['verdict'] for shown in cards),
        tasks=Counter(shown['task'] for shown in cards),
        answers=Counter(str(shown['answer']) for shown in cards if shown['answer'] not in (None, '')),
        modes=[mode for mode in MODES if any(prediction.get(mode) is not None for prediction in predictions)],
        config=json.dumps(results.get('config'), indent=2, ensure_ascii=False),
    )
