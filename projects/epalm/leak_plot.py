"""The losses of the leak experiment as a picture."""

from pathlib import Path

from mmalm.analysis.cost_plot import COLOURS


def plot(found: dict, file: Path) -> Path:
    """Draw one curve a run, smoothed over 2 % of the steps, and the line that no loss can go below without a leak.

    Args:
        found: what :func:`~.leak.experiment` gives.
        file: ends in .png, .svg or .pdf.
    """
    from matplotlib.figure import Figure  # drawn without a display, and slow to import

    figure = Figure(figsize=(7, 4), layout='constrained')
    panel = figure.subplots()
    names = list(dict.fromkeys(run['name'] for run in found['runs']))
    window = max(1, found['steps'] // 50)
    for run in found['runs']:
        losses, number = run['losses'], names.index(run['name'])
        smooth = [sum(losses[i : i + window]) / window for i in range(0, len(losses) - window + 1, window)]
        steps = [window * (i + 0.5) for i in range(len(smooth))]
        label = run['name'] if run['seed'] == 0 else None
        panel.plot(steps, smooth, color=COLOURS[(1, 0, 5)[number % 3]], linewidth=1.4, label=label)
    panel.axhline(found['ln_answers'], color='black', linewidth=1, linestyle='--')
    panel.annotate(
        f'ln {found["answers"]} = {found["ln_answers"]:.3f}: nothing is known',
        (1, found['ln_answers']),
        xycoords=('axes fraction', 'data'),
        xytext=(-4, -4),
        textcoords='offset points',
        ha='right',
        va='top',
        fontsize=9,
    )
    panel.set(xlabel='step', ylabel='training loss of the answer, nats', ylim=(0, 4.5))
    panel.spines[['top', 'right']].set_visible(False)
    panel.legend(title='perceptual token sees', frameon=False, fontsize=9, loc='upper right')
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=150)
    return file
