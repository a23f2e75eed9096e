"""A miniature of the stamps folder, in the package's own layout on disk."""

from pathlib import Path

from mmalm.datasets.stamps_synthetic import draw, write_stamp

# folder: as many stamps
FOLDERS = {
    'animals/birds': 14,
    'animals/fish': 8,
    'animals/mammals/cats': 10,
    'clothes/hats': 9,
    'food/fruit/cartoon': 16,
    'town/flags': 3,
    'vehicles/auto': 11,
}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="20" height="20" fill="#ff0000"/></svg>'
)


def write_stamps(root: Path) -> Path:
    """Pictures of one colour under alpha, each with its caption, and what the package has besides."""
    for number, (folder, count) in enumerate(FOLDERS.items()):
        for i in range(count):
            write_stamp(
                root, f'{folder}/thing{i}', f'A thing {chr(97 + i)} of {folder}.', (20 * number, 10 * i, 99, 128)
            )
    # a letter, a mirrored twin without a caption, sounds
    write_stamp(root, 'symbols/alphabets/a', 'The letter A.', (0, 0, 0, 255))
    draw(root / 'vehicles/auto/thing0_mirror.png', (0, 0, 0, 255))
    (root / 'animals/birds/thing0_desc_fr.ogg').write_bytes(b'OggS')
    return root
