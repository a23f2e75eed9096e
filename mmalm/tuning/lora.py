"""Low-rank updates of a frozen language model's linear maps (LoRA, arXiv 2106.09685), by the library peft."""

import warnings
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any

from annotated_types import Ge, Gt, Lt
from torch import nn

from ..errors import ConfigError, closest
from ..registry import TUNERS
from .layer_range import layer_range

TRAINED = 'language_model.*.lora_*'
DROPOUT = 'language_model.*.lora_dropout'


@TUNERS.register_module()
class LoRA:
    """Adds ``alpha / rank * B A x`` to what chosen linear maps make of x; B is zero at the start.

    The maps are replaced by peft's layers around them, so the parameters' names are the language model's, as in
    ``language_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight``.

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
    def live(self) -> list[str]:
        """Patterns of the modules that stay in train mode inside the frozen language model."""
        return [DROPOUT] if self.dropout else []

    def put_on(self, lm: Any) -> None:
        """Put the updates on a language model's maps.

        Args:
            lm: a :class:`~mmalm.lms.CausalLM`.

        Raises:
            ConfigError: a pattern matches no linear map, or the model has no such layers.
        """
        from peft import LoraConfig, inject_adapter_in_model  # takes a second to import

        config = LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,
            lora_dropout=self.dropout,
            target_modules=self._chosen(lm),
        )
        with warnings.catch_warnings():
            warnings.filterwarnings('ignore', message='fan_in_fan_out is set to')  # GPT-2 stores its maps transposed
            inject_adapter_in_model(config, lm.model)
        for name, parameter in lm.model.named_parameters():
            if '.lora_' in name:  # peft makes them in the frozen map's own type
                parameter.data = parameter.data.float()

    def _chosen(self, lm: Any) -> list[str]:
        first, end = layer_range('LoRA', self.layers, lm.num_layers)
        inside = {id(module) for layer in lm.anatomy.layers[first:end] for module in layer.modules()}
        maps = [
            name
            for name, module in lm.model.named_modules()
            if id(module) in inside and (isinstance(module, nn.Linear) or type(module).__name__ == 'Conv1D')
        ]
        for pattern in self.targets:
            if not any(fnmatchcase(name, pattern) for name in maps):
                ends = sorted({f'*.{name.rpartition(".")[2]}' for name in maps})
                hint = closest(pattern, ends)
                raise ConfigError(
                    f'LoRA: the target {pattern!r} matches no linear map in the layers of {lm.name}. {hint}'.rstrip()
                    + f'\nThere are {", ".join(ends)}; the first is {maps[0]!r}.'
                )
        return [name for name in maps if any(fnmatchcase(name, pattern) for pattern in self.targets)]
