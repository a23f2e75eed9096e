"""What kind of thing a stamp shows, by the folder it lies in."""

Table = tuple[tuple[str, str], ...]

# the first matching folder decides; folders that are not here (flags, medicine, sports, ...) have no category of their own
CATEGORIES: Table = (
    ('town/roadsigns', 'sign'),
    ('town/houses', 'building'),
    ('town/monuments', 'building'),
    ('town/cartoon', 'building'),
    ('military/vehicles', 'vehicle'),
    ('vehicles', 'vehicle'),
    ('animals', 'animal'),
    ('food', 'food'),
    ('plants', 'plant'),
    ('clothes', 'clothes'),
    ('household', 'household item'),
    ('seasonal', 'holiday decoration'),
    ('space', 'space object'),
    ('people', 'person'),
)
ANIMALS: Table = (
    ('animals/amphibians', 'amphibian'),
    ('animals/birds', 'bird'),
    ('animals/dinosaur', 'reptile'),
    ('animals/fish', 'fish'),
    ('animals/insects', 'insect'),
    ('animals/lizards', 'reptile'),
    ('animals/mammals', 'mammal'),
    ('animals/marsupials', 'mammal'),
    ('animals/shellfish', 'shellfish'),
)
KINDS = sorted({name for _, name in CATEGORIES})
ANIMAL_KINDS = sorted({name for _, name in ANIMALS})


def match(folder: str, table: Table) -> str | None:
    """The category of a folder, ``None`` where it has none."""
    return next((name for path, name in table if folder == path or folder.startswith(path + '/')), None)
