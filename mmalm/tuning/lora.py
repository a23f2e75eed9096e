"""Low-rank updates of a frozen language model's linear maps (LoRA, arXiv 2106.09685), by the library peft."""

import contextlib
import functools
import warnings
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any

from annotated_types import Ge, Gt, Lt
from torch import nn

from ..errors import ConfigError, closest
from ..injection import Block, Opened
from ..registry import TUNERS
from .layer_range import layer_range

# the name of updates that have a language model to themselves, which is peft's own
ALONE = 'default'


@TUNERS.register_module()
class LoRA:
    """Adds ``alpha / rank * B A x`` to what chosen linear maps make of x; B is zero at the start.

    The maps are replaced by peft's layers around them, so the parameters' names are the language model's, as in
    ``language_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight``. Several may be put on one model, each under
    a name of its own in place of ``default``; none does anything but while an injection is open that has it among its adapters.

    Args:
        targets: globs over the names that linear maps have in the transformers model, as ``'*.q_proj'`` (LLaMA, OPT) or
            ``'*.c_attn'`` (GPT-2). Only maps inside layers are considered.
        rank: rows of A.
        alpha: the update is scaled by alpha / rank.
        dropout: of x, in training.
        layers: first layer, and one past the last, whose maps are considered; all unless told.
    """

    def __init__(
        self,
        targets: Sequence[str],
        rank: Annotated[int, Ge(1)] = 8,
        alpha: Annotated[float, Gt(0)] = 16.0,
        dropout: Annotated[float, Ge(0), Lt(1)] = 0.0,
        layers: tuple[int, int] | None = None,
    ):
        if isinstance(targets, str) or not targets:
            raise ConfigError(f"LoRA: targets is a list of patterns such as ['*.q_proj'], found {targets!r}.")
        if rank < 1 or alpha <= 0 or not 0 <= dropout < 1:
            raise ConfigError(
                f'LoRA: rank >= 1, alpha > 0 and 0 <= dropout < 1 are needed, found rank={rank}, alpha={alpha}, dropout={dropout}.'
            )
        self.targets, self.rank, self.alpha, self.dropout, self.layers = tuple(targets), rank, alpha, dropout, layers

    @property
    def trains(self) -> list[str]:
        """Patterns of the parameters it has put into the language model."""
        return [f'language_model.*.lora_*.{self.name}.*']

    @property
    def live(self) -> list[str]:
        """Patterns of the modules that stay in train mode inside the frozen language model."""
        return [f'language_model.*.lora_dropout.{self.name}'] if self.dropout else []

    def put_on(self, lm: Any, name: str = ALONE) -> None:
        """Put the updates on a language model's maps, where they wait for :meth:`at`.

        Args:
            lm: a :class:`~mmalm.lms.CausalLM`.
            name: of these updates, among those of the model.

        Raises:
            ConfigError: a pattern matches no linear map, or the model has no such layers.
        """
        from peft import LoraConfig, inject_adapter_in_model  # takes a second to import

        self.name = name

        config = LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,
            lora_dropout=self.dropout,
            target_modules=self._chosen(lm),
        )
        with warnings.catch_warnings():
            warnings.filterwarnings('ignore', message='fan_in_fan_out is set to')  # GPT-2 stores its maps transposed
            warnings.filterwarnings('ignore', message='.*peft_config.* attribute')  # of updates put on before these
            inject_adapter_in_model(config, lm.model, adapter_name=name)
        for parameter_name, parameter in lm.model.named_parameters():
            if '.lora_' in parameter_name:  # peft makes them in the frozen map's own type
                parameter.data = parameter.data.float()
        self._maps = [[m for m in layer.modules() if name in getattr(m, 'lora_A', ())] for layer in lm.anatomy.layers]
        for module in (m for maps in self._maps for m in maps):
            module._active_adapter = []

    def at(self, layer: int) -> Opened | None:
        """Around a pass of a layer: its maps are updated."""
        return functools.partial(self._active, self._maps[layer]) if self._maps[layer] else None

    @contextlib.contextmanager
    def _active(self, maps: Sequence[Any], blocks: Mapping[str, Block]) -> Iterator[None]:
        # peft's own set_adapter also decides what trains, which is the model's whitelist's to say
        before = [module._active_adapter for module in maps]
        for module in maps:
            module._active_adapter = [self.name]
        try:
            yield
        finally:
            for module, active in zip(maps, before, strict=True):
                module._active_adapter = active

    def _chosen(self, lm: Any) -> list[str]:
        first, end = layer_range('LoRA', self.layers, lm.num_layers)
        inside = {id(module) for layer in lm.anatomy.layers[first:end] for module in layer.modules()}
        maps = [name for name, module in lm.model.named_modules() if id(module) in inside and _is_map(name, module)]
        for pattern in self.targets:
            if not any(fnmatchcase(name, pattern) for name in maps):
                ends = sorted({f'*.{name.rpartition(".")[2]}' for name in maps})
                hint = closest(pattern, ends)
                raise ConfigError(
                    f'LoRA: the target {pattern!r} matches no linear map in the layers of {lm.name}. {hint}'.rstrip()
                    + f'\nThere are {", ".join(ends)}; the first is {maps[0]!r}.'
                )
        return [name for name in maps if any(fnmatchcase(name, pattern) for pattern in self.targets)]


def name_alone(adaptation: str, name: str) -> str | None:
    """The name that a parameter of one adaptation's updates has in a model of this adaptation alone; None for another's updates.

    Args:
        adaptation: the name under which its updates were put on.
        name: of any parameter; what belongs to no updates keeps it.
    """
    if '.lora_' not in name:
        return name
    return name.replace(f'.{adaptation}.', f'.{ALONE}.') if f'.{adaptation}.' in name else None


def _is_map(name: str, module: nn.Module) -> bool:
    """Whether it is a linear map of the language model, other updates around it or not."""
    if '.base_layer' in name or '.lora_' in name:
        return False
    return isinstance(module, nn.Linear) or type(module).__name__ == 'Conv1D' or hasattr(module, 'lora_A')
