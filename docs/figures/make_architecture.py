"""Draw docs/figures/architecture.svg and .png: python docs/figures/make_architecture.py

The numbers are the quickstart's: DINOv2-S and SmolLM2-135M frozen, six linear connectors and one soft token trained.
"""

from pathlib import Path

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path as Curve

FOLDER = Path(__file__).resolve().parent

INK, QUIET = '#1F2A37', '#5B6B7F'
FROZEN, FROZEN_LINE, FROZEN_DEEP = '#E9F0F8', '#A9BCD3', '#C3D4E8'
TRAINED, TRAINED_LINE, TRAINED_SOFT = '#F58A1F', '#C9640A', '#FDE7D0'
DATA, DATA_LINE = '#FFFFFF', '#C9D1DB'

LEVELS = 6
BLOCKS = 12
LAYERS = 30
START = 12
FROZEN_MILLIONS, TRAINED_MILLIONS = 156.6, 1.33


def box(ax: Axes, x: float, y: float, w: float, h: float, fill: str, line: str, radius: float = 0.08, **style) -> None:
    shape = f'round,pad=0,rounding_size={radius}'
    ax.add_patch(FancyBboxPatch((x, y), w, h, boxstyle=shape, fc=fill, ec=line, lw=style.pop('lw', 1.1), **style))


def label(ax: Axes, x: float, y: float, text: str, size: float = 10, color: str = INK, **style) -> None:
    style = {'ha': 'center', 'va': 'center', **style}
    ax.text(x, y, text, fontsize=size, color=color, **style)


def arrow(ax: Axes, start: tuple, end: tuple, color: str = QUIET) -> None:
    ax.annotate('', end, start, arrowprops=dict(arrowstyle='-|>,head_width=0.22,head_length=0.4', color=color, lw=1.4))


def bend(ax: Axes, start: tuple, layers: list[float], y: float) -> None:
    """A perceptual token on its way to the layers it enters: straight down at both ends."""
    x0, y0 = start
    x1 = sum(layers) / len(layers)
    middle = (y0 + y) / 2
    line = dict(fc='none', ec=TRAINED, lw=1.8, capstyle='round', zorder=3)
    ax.add_patch(PathPatch(Curve([(x0, y0), (x0, middle), (x1, middle), (x1, y)], [1, 4, 4, 4]), **line))
    ax.add_patch(PathPatch(Curve([(layers[0], y), (layers[-1], y)]), **line))
    for x in layers:
        ax.add_patch(Polygon([(x - 0.055, y), (x + 0.055, y), (x, y - 0.13)], fc=TRAINED, ec='none', zorder=4))


def picture(ax: Axes, x: float, y: float, w: float, h: float) -> None:
    box(ax, x, y, w, h, '#DDEBFA', DATA_LINE, 0.06)
    ax.add_patch(Circle((x + w * 0.74, y + h * 0.72), h * 0.12, fc='#FBD36B', ec='none'))
    far = [(0.03, 0.06), (0.3, 0.62), (0.48, 0.34), (0.62, 0.5), (0.97, 0.06)]
    near = [(0.03, 0.06), (0.16, 0.26), (0.4, 0.1), (0.62, 0.3), (0.97, 0.06)]
    for points, color in ((far, '#8FA9C4'), (near, '#6C8A6F')):
        ax.add_patch(Polygon([(x + w * u, y + h * v) for u, v in points], fc=color, ec='none', joinstyle='round'))


def encoder(ax: Axes, x: float, y: float) -> list[float]:
    """The encoder's blocks; gives the x of the last levels."""
    box(ax, x, y, 5.5, 1.45, FROZEN, FROZEN_LINE, 0.12)
    label(ax, x + 0.2, y + 1.2, 'encoder', 11.5, weight='bold', ha='left')
    label(ax, x + 5.3, y + 1.2, 'DINOv2-S · 22 M · frozen', 9, QUIET, ha='right')
    places = []
    for block in range(BLOCKS):
        left, last = x + 0.2 + block * 0.43, block >= BLOCKS - LEVELS
        box(ax, left, y + 0.18, 0.34, 0.78, FROZEN_DEEP if last else DATA, FROZEN_LINE, 0.05, lw=0.9)
        label(ax, left + 0.17, y + 0.57, str(block), 7.5, QUIET)
        if last:
            places.append(left + 0.17)
            ax.add_patch(Circle((left + 0.17, y + 0.18), 0.085, fc=INK, ec='white', lw=1.0, zorder=5))
    return places


def language_model(ax: Axes, x: float, y: float) -> list[float]:
    """The language model's layers; gives the x of those that take a perceptual token."""
    box(ax, x, y, 8.3, 1.45, FROZEN, FROZEN_LINE, 0.12)
    label(ax, x + 0.2, y + 0.24, 'language model', 11.5, weight='bold', ha='left')
    label(ax, x + 8.1, y + 0.24, 'SmolLM2-135M · unmodified transformers model · frozen', 9, QUIET, ha='right')
    places = []
    for layer in range(LAYERS):
        left, taken = x + 0.2 + layer * 0.264, layer >= START
        box(ax, left, y + 0.5, 0.2, 0.78, FROZEN_DEEP if taken else DATA, FROZEN_LINE, 0.04, lw=0.8)
        label(ax, left + 0.1, y + 0.89, str(layer), 5.6, QUIET)
        if taken:
            places.append(left + 0.1)
    return places


def main() -> None:
    plt.rcParams.update({'font.family': 'DejaVu Sans', 'svg.fonttype': 'path', 'svg.hashsalt': 'mmalm'})
    fig, ax = plt.subplots(figsize=(13.2, 6.5))
    ax.set_xlim(0, 13.2)
    ax.set_ylim(0, 6.5)
    ax.axis('off')
    fig.subplots_adjust(0, 0, 1, 1)
    box(ax, 0.06, 0.06, 13.08, 6.38, 'white', '#E3E8EE', 0.2)

    # perception, from the left to the right
    picture(ax, 0.5, 4.75, 1.35, 1.05)
    label(ax, 1.175, 4.52, 'picture', 9, QUIET)
    arrow(ax, (1.98, 5.28), (2.62, 5.28))
    levels = encoder(ax, 2.7, 4.55)
    label(ax, 8.45, 5.1, 'Perception', 11.5, weight='bold', ha='left')
    label(ax, 8.45, 4.83, 'one CLS token of each of the last K blocks,', 9, QUIET, ha='left')
    label(ax, 8.45, 4.61, 'through the final norm   [B, K, D]', 9, QUIET, ha='left')

    # the few parts that train
    for x in levels:
        ax.plot([x, x], [4.63, 4.03], color=QUIET, lw=1.1, zorder=1)
        box(ax, x - 0.17, 3.62, 0.34, 0.38, TRAINED, TRAINED_LINE, 0.06, zorder=4)
        label(ax, x, 3.81, 'W', 8.5, 'white', weight='bold', zorder=5)
    label(ax, 8.45, 3.93, 'connectors', 11.5, TRAINED_LINE, weight='bold', ha='left')
    label(ax, 8.45, 3.67, 'linear, trained: perceptual tokens   [B, S, T, H]', 9, QUIET, ha='left')

    # where they go
    layers = language_model(ax, 2.7, 1.25)
    step = len(layers) // LEVELS
    for level, start in enumerate(levels):
        bend(ax, (start, 3.62), layers[level * step : (level + 1) * step], 2.8)
    label(ax, 5.0, 3.18, 'schedule', 11.5, weight='bold', ha='right')
    label(ax, 5.0, 2.94, 'which token, before which layer', 9, QUIET, ha='right')
    label(ax, 10.85, 3.3, 'injector', 11.5, weight='bold', ha='left')
    label(ax, 10.85, 3.06, 'hands them in from outside,', 9, QUIET, ha='left')
    label(ax, 10.85, 2.86, 'with masks, positions, cache', 9, QUIET, ha='left')

    # language, from the left to the right
    box(ax, 0.5, 2.2, 1.35, 0.32, TRAINED, TRAINED_LINE, 0.06)
    label(ax, 1.175, 2.36, 'soft prompt', 8.5, 'white', weight='bold')
    box(ax, 0.5, 1.5, 1.35, 0.58, DATA, DATA_LINE, 0.06)
    label(ax, 1.175, 1.79, 'What kind of\nthing is this?', 8.5)
    label(ax, 1.175, 1.3, 'question', 9, QUIET)
    arrow(ax, (1.98, 2.0), (2.62, 2.0))
    arrow(ax, (11.06, 2.0), (11.5, 2.0))
    box(ax, 11.58, 1.62, 0.62, 0.76, FROZEN, FROZEN_LINE, 0.08)
    label(ax, 11.89, 2.0, 'head', 9.5, weight='bold')
    label(ax, 11.89, 1.43, 'LM’s own', 7.5, QUIET)
    label(ax, 12.72, 2.0, '“animal”', 9, weight='bold')
    arrow(ax, (12.22, 2.0), (12.4, 2.0))

    # how little that is, to scale
    share = TRAINED_MILLIONS / (TRAINED_MILLIONS + FROZEN_MILLIONS)
    ax.add_patch(Rectangle((2.7, 0.5), 8.3, 0.2, fc=FROZEN_DEEP, ec='none'))
    ax.add_patch(Rectangle((2.7 + 8.3 * (1 - share), 0.5), 8.3 * share, 0.2, fc=TRAINED, ec='none'))
    label(ax, 2.7, 0.87, f'{FROZEN_MILLIONS:.1f} M frozen', 9, QUIET, ha='left')
    label(ax, 11.0, 0.87, f'{TRAINED_MILLIONS} M trained: {share:.2%}', 9, TRAINED_LINE, ha='right', weight='bold')
    label(ax, 1.85, 0.6, 'parameters, to scale', 9, QUIET, ha='right')

    fig.savefig(FOLDER / 'architecture.svg', metadata={'Date': None})
    fig.savefig(FOLDER / 'architecture.png', dpi=160, metadata={'Software': None})


if __name__ == '__main__':
    main()
