"""FLOPs by part as a picture."""

from pathlib import Path

from ..errors import ConfigError
from .costs import Costs
from .ledger import FORWARD

# Okabe and Ito's colours, told apart by colour-blind eyes too; further parts start over
COLOURS = ('#0072B2', '#E69F00', '#56B4E9', '#D55E00', '#999999', '#009E73', '#CC79A7')
SUFFIXES = ('.png', '.svg', '.pdf')


def plot_costs(named: dict[str, Costs], file: str | Path) -> Path:
    """Draw one bar a config for forward, training step and generation, of one sample, by part.

    Args:
        named: costs by the name written beside the bars.
        file: ends in .png, .svg or .pdf.

    Raises:
        ConfigError: another ending.
    """
    file = Path(file)
    if file.suffix.lower() not in SUFFIXES:
        raise ConfigError(f'--plot {file}: a picture ends in one of {", ".join(SUFFIXES)}.')
    file.parent.mkdir(parents=True, exist_ok=True)
    from matplotlib.figure import Figure  # drawn without a display, and slow to import

    passes = {
        'forward': ('training', {'phase': FORWARD}),
        'training step': ('training', {}),
        'generation': ('generation', {}),
    }
    parts = list(dict.fromkeys(part for costs in named.values() for part in costs.parameters))
    figure = Figure(figsize=(10, 1.9 + 0.55 * len(named)), layout='constrained')
    panels = figure.subplots(1, len(passes), sharey=True)
    for panel, (title, (tally, where)) in zip(panels, passes.items(), strict=True):
        for row, costs in enumerate(named.values()):
            if tally not in costs.tallies:
                panel.text(0, row, ' does not generate', va='center')
                continue
            start = 0.0
            for number, part in enumerate(parts):
                size = costs.flops(tally, part=part, **where) / costs.workload.batch_size / 1e12
                panel.barh(row, size, left=start, height=0.6, color=COLOURS[number % len(COLOURS)])
                start += size
            panel.text(start, row, f' {start:.3g}', va='center', fontsize=9)
        panel.set_title(title, fontsize=10)
        panel.set_xlabel('TFLOP a sample')
        panel.margins(x=0.18)
        panel.spines[['top', 'right']].set_visible(False)
    panels[0].set_yticks(range(len(named)), list(named))
    panels[0].invert_yaxis()
    handles = [panels[0].barh(0, 0, color=COLOURS[number % len(COLOURS)]) for number in range(len(parts))]
    figure.legend(handles, parts, loc='outside lower center', ncols=len(parts), frameon=False, fontsize=9)
    figure.savefig(file, dpi=150)
    return file
