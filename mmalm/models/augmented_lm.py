"""A frozen language model that perceives: encoder, connector, schedule, injector, head."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from ..errors import ConfigError
from ..faults import attempt, config_node
from ..lms.generation_options import check_options
from ..lms.kinds import WRAPPERS
from ..registry import HEADS, LANGUAGE_MODELS, MODELS
from ..tuning.whitelist import Whitelisted
from .adaptation import Adaptation


@MODELS.register_module()
class AugmentedLM(Whitelisted, Adaptation):
    """eP-ALM and its relatives: perceptual tokens injected into a frozen causal language model.

    Args:
        encoder: config of the frozen encoder.
        connector: config of the connector; gets ``widths`` (D of each level), ``hidden_size`` (H) and ``layout`` of the levels.
            ``None``, and then no schedule either: the text-only baseline; what else trains is all there is.
        language_model: config of the frozen language model.
        schedule: config of the injection schedule.
        head: config of the head.
        soft_prompt: config of the soft prompt; ``None`` for none. Gets ``width`` (E), ``hidden_size`` (H) and ``num_layers``.
        visibility: what a perceptual token sees: 'causal', or 'all' as in the released eP-ALM (labels leak through it).
        adapters: configs of adapters at the language model's layers; see :class:`BottleneckAdapter`.
        lora: config of low-rank updates of the language model; see :class:`LoRA`.
        trainable: patterns of the parameter names that train; everything else is frozen. Connector, soft prompt and all that was
            added unless told.
        expect_trainable: how many parameters train, as a number or a range such as '0.5%..1%'; a mismatch stops.
        live: patterns of frozen modules that stay in train mode all the same (the papers' live dropout).
        skip_blank: samples without a picture are plain text; see :class:`Adaptation`.
    """

    nodes = {**Adaptation.nodes, 'language_model': LANGUAGE_MODELS, 'head': HEADS}

    def __init__(
        self,
        encoder: Mapping,
        connector: Mapping | None,
        language_model: Mapping,
        schedule: Mapping | None,
        head: Mapping,
        soft_prompt: Mapping | None = None,
        visibility: Literal['causal', 'all'] = 'causal',
        trainable: Sequence[str] | None = None,
        expect_trainable: int | str | None = None,
        live: Sequence[str] = (),
        adapters: Sequence[Mapping] = (),
        lora: Mapping | None = None,
        skip_blank: bool = False,
    ):
        lm = attempt(lambda: LANGUAGE_MODELS.build(language_model, key='language_model'))
        super().__init__(
            lm, encoder, connector, schedule, soft_prompt, visibility, adapters, lora, skip_blank=skip_blank
        )
        self.language_model = lm
        self.head = build_head(head, lm)
        if trainable is None:
            trainable = attempt(lambda: self.trains() + self.updates, self.lora, self.head)
        # names and counts of parameters are known where all that has any is there
        attempt(
            lambda: self.set_trainable(trainable, expect=expect_trainable, live=[*live, *self.live]),
            *(self.language_model, self.encoder, self.connector, self.soft_prompt, self.adapters, self.lora, trainable),
        )

    def trains(self) -> list[str]:
        """Patterns of the parameters that train unless told: all that is neither the encoder's nor the language model's."""
        return super().trains() + (['head.*'] if any(True for _ in self.head.parameters()) else [])

    @classmethod
    def around(cls, adaptation: Adaptation, language_model: nn.Module, head: nn.Module) -> 'AugmentedLM':
        """A model of parts that are built already, and stay shared: whatever trains in them goes on to."""
        model = cls.__new__(cls)
        model.__dict__.update({**adaptation.__dict__, '_modules': dict(adaptation._modules)})
        model.language_model, model.head = language_model, head
        return model

    def base_models(self) -> dict[str, dict]:
        """The frozen models this one stands on: name, class and fingerprint of each."""
        return {'language_model': self.language_model.base_model(), 'encoder': self.encoder.base_model()}

    def loss(self, batch: Mapping) -> dict[str, Tensor]:
        """The training loss of a batch: ``loss`` is minimised."""
        return self.head.loss(self.language_model, batch, self.context(batch))

    @torch.no_grad()
    def predict(self, batch: Mapping) -> list[dict]:
        """One dict a sample: its id, task, question and answer, and what the head predicts."""
        return self.answered(self.head, self.language_model, batch)


def build_head(config: Mapping, lm: nn.Module) -> nn.Module:
    """The head on a language model; its generation options held against what one with injected tokens can take."""

    def build() -> nn.Module:
        # a head of the language model's own is looked at even where that could not be built
        sized = 'hidden_size' in inspect.signature(HEADS.component(config.get('type'))).parameters
        return HEADS.build(config, key='head', **({'hidden_size': lm.state_size} if sized else {}))

    head = attempt(build)
    with config_node('head'):
        attempt(lambda: check_reads(head, lm), head, lm)
    with config_node('head.generate'):
        attempt(lambda: check_options(getattr(head, 'generate', None) or {}))
    return head


def check_reads(head: nn.Module, lm: nn.Module) -> None:
    """See that a language model of this kind can do what a head asks of it.

    Raises:
        ConfigError: a head that writes or ranks texts, on a language model that is not causal.
    """
    wanted, found = getattr(head, 'kinds', None), getattr(lm, 'kind', None)
    if wanted is not None and found is not None and found not in wanted:
        takes = ' or '.join(WRAPPERS[kind] for kind in wanted)
        raise ConfigError(
            f'{type(head).__name__} reads token after token from a {takes}, and {type(lm).__name__} does not write texts. Take '
            f'ClassificationHead(answers=...), or language_model=dict(type={takes!r}, ...).'
        )
