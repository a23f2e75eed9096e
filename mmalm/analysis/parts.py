"""The parts of a model that costs are told apart by.

A model may name its own: ``cost_parts()`` gives modules by part name, as in ``{'tower': [model.vision, model.proj]}``. Otherwise a
model around an injected language model is taken apart at its first injection, and any other model into its children.
"""

from collections.abc import Iterator, Mapping, Sequence

from torch import nn

ENCODER = 'encoder'
CONNECTOR = 'connector'
BELOW = 'LM below injection'
ABOVE = 'LM from injection'
ADAPTERS = 'adapters'
LOGITS = 'logits'
REST = 'rest'


def models_of(model: nn.Module) -> dict[str, nn.Module]:
    """What costs are counted of: the model under '', or the model of each modality where it has an adaptation to each."""
    if not hasattr(model, 'alone'):
        return {'': model}
    return {modality: model.alone(modality) for modality in model.adaptations}


class Parts:
    """Which part each module belongs to.

    Args:
        roots: modules by part name; what stands below a module belongs to the same part.
        trunk: layers of a language model and the names of what runs before and after them: modules of no part that are
            called before the first layer, such as the token embedding, belong to the first, later ones to the second.
    """

    def __init__(
        self,
        model: nn.Module,
        roots: Mapping[str, Sequence[nn.Module]],
        trunk: tuple[Sequence[nn.Module], str, str] | None = None,
    ):
        self.layers = frozenset(map(id, trunk[0])) if trunk else frozenset()
        self._before, self._after = (trunk[1], trunk[2]) if trunk else (REST, REST)
        self._names = list(roots)
        self.blocks: dict[nn.Module, str] = {}  # every root: a layer, an encoder, ...
        self._part: dict[nn.Module, str] = {}
        for part, modules in roots.items():
            for root in modules:
                self.blocks[root] = part
                for module in root.modules():
                    self._part[module] = part
        self._modules = list(model.named_modules())
        self.passed_layers = False

    @property
    def names(self) -> list[str]:
        """Names of all parts, in the order data flows."""
        met = set(self._part.values())
        return [*self._names, *sorted(met - set(self._names))]

    def of(self, module: nn.Module | None) -> str:
        """The part of a module at this moment of a pass."""
        return self._part.get(module) or (self._after if self.passed_layers else self._before)

    def enter(self, module: nn.Module) -> None:
        """A pass comes to ``module``."""
        if id(module) in self.layers:
            self.passed_layers = True
        if module not in self._part and not any(module.children()):
            self._part[module] = self.of(module)

    def parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Every parameter with its part, shared ones once, where they stand first. Known after a pass."""
        seen = set()
        for _, module in self._modules:
            for parameter in module._parameters.values():
                if parameter is not None and id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield self._part.get(module, self._before), parameter


def parts_of(model: nn.Module) -> Parts:
    """The parts of ``model``."""
    if hasattr(model, 'cost_parts'):
        return Parts(model, model.cost_parts())
    anatomy = getattr(getattr(model, 'language_model', None), 'anatomy', None)
    plan = getattr(model, 'plan', None)
    if anatomy is None or plan is None:
        return Parts(
            model,
            {name: [child] for name, child in model.named_children() if next(child.parameters(), None) is not None},
        )
    layers, first = list(anatomy.layers), plan.first_layer
    given = [getattr(model, name, None) for name in ('connector', 'soft_prompt')]
    roots = {
        ENCODER: [model.encoder],
        CONNECTOR: [module for module in given if module is not None],
        BELOW: layers[:first],
        ABOVE: layers[first:],
        # run inside the layers, which do not know of them
        **({ADAPTERS: [model.adapters]} if len(getattr(model, 'adapters', ())) else {}),
        LOGITS: [],
    }
    return Parts(model, roots, (layers, BELOW, LOGITS))
