"""One injection, and the plan that a schedule's injections make for a language model of a given depth."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..errors import ConfigError, closest

OPERATIONS = ('insert', 'replace', 'remove', 'attend')


@dataclass(frozen=True)
class Injection:
    """Something done with perception right before a language-model layer.

    Attributes:
        layer: index of the first layer that sees the outcome.
        source: which of the connector's S sources; unused by ``remove``.
        op: ``insert`` puts the source's T tokens in, behind the perceptual tokens already there and in front of the text;
            ``replace`` overwrites a slot's tokens; ``remove`` takes a slot's tokens out; ``attend`` puts nothing into the
            sequence: the text's states attend to what the source holds, here and in every decoding step.
        slot: which inserted group of T tokens is meant; unused by ``attend``.
    """

    layer: int
    source: int = 0
    op: str = 'insert'
    slot: int = 0

    def __str__(self) -> str:
        source, slot = f'source {self.source}', f'slot {self.slot}'
        what = {'remove': slot, 'attend': source}.get(self.op, f'{source} -> {slot}')
        return f'layer {self.layer}: {self.op} {what}'

    @property
    def short(self) -> str:
        """The operation and what it acts on, in two or three words."""
        return f'remove slot {self.slot}' if self.op == 'remove' else f'{self.op} {self.source}'


@dataclass(frozen=True)
class InjectionPlan:
    """Injections checked against a model, layer by layer. Build it with :func:`make_plan`."""

    injections: tuple[Injection, ...]
    slots: tuple[tuple[int, ...], ...]  # present at each layer, in their order in the sequence, after its injections
    num_sources: int

    @property
    def num_layers(self) -> int:
        return len(self.slots)

    @property
    def first_layer(self) -> int | None:
        """The first layer that is given something of perception."""
        return min((i.layer for i in self.injections if i.op != 'remove'), default=None)

    @property
    def inserts(self) -> bool:
        """Whether any token enters the sequence."""
        return any(self.slots)

    def at(self, layer: int) -> list[Injection]:
        """The injections before ``layer``, in order."""
        return [injection for injection in self.injections if injection.layer == layer]

    def draw(self) -> str:
        """The schedule as text: one line a layer from the first injection on, runs of untouched layers folded."""
        lines = ['layer    perceptual tokens']
        quiet: list[int] = []

        def flush() -> None:
            if quiet:
                span = f'{quiet[0]}' if len(quiet) == 1 else f'{quiet[0]}-{quiet[-1]}'
                present = self.slots[quiet[0]]
                lines.append(f'{span:>7}  ' + (f'{"o" * len(present)} (stay)' if present else '-'))
                quiet.clear()

        for layer, present in enumerate(self.slots):
            here = self.at(layer)
            if not here:
                if quiet and self.slots[quiet[0]] != present:
                    flush()
                quiet.append(layer)
                continue
            flush()
            given = {i.slot for i in here if i.op in ('insert', 'replace')}
            marks = ''.join('*' if slot in given else 'o' for slot in present)
            marks += 'x' * any(i.op == 'attend' for i in here)
            lines.append(f'{layer:>7}  {marks or "-"} {", ".join(i.short for i in here)}')
        flush()
        return '\n'.join(lines)


def make_plan(
    injections: Sequence[Injection],
    num_layers: int,
    num_sources: int,
    allow_unused_sources: bool = False,
    attended: Collection[int] = (),
) -> InjectionPlan:
    """Check injections against a language model's depth and a connector's sources.

    Args:
        injections: in the order in which those of one layer happen.
        num_layers: depth of the language model.
        num_sources: S.
        allow_unused_sources: accept that some sources are never injected.
        attended: the sources that text attends to; the others give tokens.

    Raises:
        ConfigError: an injection that could never happen or never matter: a layer the model lacks, a source the connector
            lacks or gives in another way, a slot replaced before it is inserted or overwritten before it is seen, a source no
            layer ever sees.
    """
    faults = []
    for injection in injections:
        if injection.op not in OPERATIONS:
            faults.append(f'{injection}: unknown operation. {closest(injection.op, OPERATIONS)}')
        if not 0 <= injection.layer < num_layers:
            faults.append(f'{injection}: the language model has layers 0 to {num_layers - 1}, so this never happens')
        if injection.op != 'remove' and not 0 <= injection.source < num_sources:
            faults.append(f'{injection}: the connector gives sources 0 to {num_sources - 1}')
        elif injection.op in OPERATIONS[:2] and injection.source in attended:
            faults.append(
                f'{injection}: the connector gives no tokens, the text attends to it: use attend (CrossAttend)'
            )
        elif injection.op == 'attend' and injection.source not in attended:
            faults.append(f'{injection}: the connector gives tokens, nothing to attend to: use insert and replace')
    if not injections:
        faults.append('the schedule injects nothing')
    slots: list[tuple[int, ...]] = []
    present: tuple[int, ...] = ()
    for layer in range(num_layers):
        touched = set()
        for injection in (i for i in injections if i.layer == layer and i.op != 'attend'):
            there = injection.slot in present
            if injection.slot in touched:
                faults.append(f'{injection}: slot {injection.slot} is changed twice before the layer sees it')
            touched.add(injection.slot)
            if injection.op == 'insert':
                if there:
                    faults.append(f'{injection}: slot {injection.slot} is there already; use replace')
                present = (*present, injection.slot)
            elif not there:
                faults.append(f'{injection}: slot {injection.slot} has not been inserted')
            elif injection.op == 'remove':
                present = tuple(slot for slot in present if slot != injection.slot)
        slots.append(present)
    unused = sorted(set(range(num_sources)) - {i.source for i in injections if i.op != 'remove'})
    if unused and not allow_unused_sources:
        faults.append(
            f'sources {unused} of {num_sources} are never injected and their connectors would never train; '
            'change the layer range or the number of levels, or set allow_unused_sources=True'
        )
    if faults:
        raise ConfigError('the injection schedule cannot be carried out:\n' + '\n'.join(f'  - {f}' for f in faults))
    ordered = tuple(sorted(injections, key=lambda i: i.layer))
    return InjectionPlan(ordered, tuple(slots), num_sources)
