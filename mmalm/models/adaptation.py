"""What makes a frozen language model perceive one modality: encoder, connector, schedule, injector and soft prompt."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ..datasets.media.blank import is_blank
from ..encoders.base import Encoder
from ..encoders.modalities import modalities_of
from ..encoders.perception import Perception
from ..errors import ConfigError
from ..faults import attempt, config_node
from ..injection import AttendedMemory, Injected, PerceptualTokens, QueriedTokens, StaticTokens
from ..lms import CausalLM, LanguageModel
from ..registry import CONNECTORS, ENCODERS, SCHEDULES, TUNERS
from ..tuning.lora import ALONE


class Adaptation(nn.Module):
    """One modality's way into a language model, which is not a part of it.

    Args:
        language_model: the frozen language model, built.
        encoder: config of the frozen encoder.
        connector: config of the connector; gets ``widths`` (D of each level), ``hidden_size`` (H) and ``layout`` of the levels.
            ``None``, and then no schedule either: the text-only baseline, which perceives nothing.
        schedule: config of the injection schedule.
        soft_prompt: config of the soft prompt; ``None`` for none. Gets ``width`` (E), ``hidden_size`` (H) and ``num_layers``.
        visibility: what a perceptual token sees: 'causal', or 'all' as in the released eP-ALM (labels leak through it).
        adapters: configs of adapters at the language model's layers, put on where this adaptation is. They get ``hidden_size`` (H)
            and ``num_layers``.
        lora: config of low-rank updates of the language model, in effect where this adaptation is; see :class:`LoRA`.
        name: of this adaptation among those of the language model.
        skip_blank: samples that have no picture, for which a data set shows a blank one, are given no perceptual tokens: their text
            runs as if there were no connector. Soft prompt, adapters and updates stay.

    Attributes:
        plan: what is injected where; None without a connector.
        injector: carries it out on the language model.
    """

    nodes = {
        'encoder': ENCODERS,
        'connector': CONNECTORS,
        'schedule': SCHEDULES,
        'soft_prompt': TUNERS,
        'adapters': TUNERS,
        'lora': TUNERS,
    }

    def __init__(
        self,
        language_model: CausalLM,
        encoder: Mapping,
        connector: Mapping | None = None,
        schedule: Mapping | None = None,
        soft_prompt: Mapping | None = None,
        visibility: Literal['causal', 'all'] = 'causal',
        adapters: Sequence[Mapping] = (),
        lora: Mapping | None = None,
        name: str = ALONE,
        skip_blank: bool = False,
    ):
        super().__init__()
        lm, self.skip_blank = language_model, skip_blank
        if (connector is None) != (schedule is None):
            there, lacking = ('schedule', 'connector') if connector is None else ('connector', 'schedule')
            attempt(lambda: _refuse(f'a {there} needs a {lacking}. For the text-only baseline set both to None.'))
        self.encoder = attempt(lambda: ENCODERS.build(encoder, key='encoder'))
        self.connector = self.soft_prompt = self.schedule = self.plan = None
        if connector is not None:
            self.connector = attempt(
                lambda: CONNECTORS.build(
                    connector,
                    key='connector',
                    widths=self.encoder.widths,
                    hidden_size=lm.hidden_size,
                    layout=self.encoder.layout,
                )
            )
            with config_node('connector'):
                attempt(lambda: check_query(lm, self.connector), lm, self.connector)
        if soft_prompt is not None:
            self.soft_prompt = attempt(lambda: TUNERS.build(soft_prompt, key='soft_prompt', **prompt_sizes(lm)))
        with config_node('adapters'):
            made = [
                attempt(lambda n=number, a=adapter: TUNERS.build(a, key=str(n), **prompt_sizes(lm), depths=lm.depths))
                for number, adapter in enumerate(adapters)
            ]
        self.adapters = attempt(lambda: nn.ModuleList(made), *made)
        with config_node('lora'):
            self.lora = None if lora is None else attempt(lambda: TUNERS.build(lora))
            attempt(lambda: None if self.lora is None else self.lora.put_on(lm, name), lm, self.lora)
        if schedule is not None:
            self.schedule = attempt(lambda: SCHEDULES.build(schedule, key='schedule'))
        if schedule is not None and connector is not None:
            with config_node('schedule'):
                self.plan = attempt(
                    lambda: self.schedule.plan(
                        lm.num_layers, self.connector.num_sources, getattr(self.connector, 'attends', False)
                    )
                )
        self.injector = attempt(lambda: lm.injector(self.plan, visibility))
        self._hidden_size = attempt(lambda: lm.hidden_size)

    @property
    def modality(self) -> str:
        """'image', 'video' or 'audio', as the encoder says."""
        return self.encoder.modality

    @property
    def preprocessing(self) -> Any:
        """How the encoder wants its input."""
        return self.encoder.preprocessing

    def encoder_of(self, modality: str) -> Encoder:
        """The encoder of a modality.

        Raises:
            ConfigError: it is another one than this.
        """
        if modality != self.modality:
            raise ConfigError(f'The data set is of {modality}, and the model perceives {self.modality}.')
        return self.encoder

    def preprocessing_of(self, modality: str) -> Any:
        """How the encoder of a modality wants its input; see :meth:`encoder_of`."""
        return self.encoder_of(modality).preprocessing

    def reads_of(self, modality: str) -> str:
        """What the connector of a modality reads: 'cls' or 'levels'; without a connector, no more than 'cls'."""
        return getattr(self.connector, 'reads', 'cls')

    def trains(self) -> list[str]:
        """Patterns of the parameters that train unless told: all that is not the encoder's."""
        parts = {'connector': self.connector, 'soft_prompt': self.soft_prompt, 'adapters': self.adapters or None}
        return [f'{name}.*' for name, part in parts.items() if part is not None]

    @property
    def updates(self) -> list[str]:
        """Patterns of the parameters it has put into the language model, as the language model's owner names them."""
        return [] if self.lora is None else self.lora.trains

    @property
    def live(self) -> list[str]:
        """Patterns of the modules that it keeps in train mode inside the frozen language model."""
        return [] if self.lora is None else self.lora.live

    def perceive(self, batch: Mapping) -> Perception | None:
        """Perception of a batch: from the ``features`` of a cache where given, else from what the encoder takes, as ``pixels``.

        None where nothing would look at it.

        Raises:
            ConfigError: a batch of another modality, or features that hold less than the connector reads.
        """
        found = modalities_of(batch)
        if found and found != [self.modality]:
            raise ConfigError(f'This model perceives {self.modality}, and the batch is of {" and ".join(found)}.')
        if self.connector is None:
            return None
        device = next(self.parameters()).device
        if 'features' not in batch:
            return self.encoder(batch[self.encoder.takes].to(device))
        features = batch['features']
        moved = [f.to(device) for f in features] if isinstance(features, (list, tuple)) else features.to(device)
        perception = Perception.from_features(moved)
        if getattr(self.connector, 'reads', 'cls') == 'levels' and perception.levels is None:
            raise ConfigError(
                f'{type(self.connector).__name__} reads all tokens of a level, and these features hold summary tokens alone. '
                "Fill the feature cache with keep='levels', or leave keep out."
            )
        return perception

    def tokens(self, perception: Perception, span: Tensor) -> PerceptualTokens:
        """The perceptual tokens: ready, to be made at their layer, or a memory to attend to.

        Args:
            perception: features of B samples.
            span: ``[B, Ls]`` bool, the text a text-conditioned connector may read.
        """
        connector = self.connector
        if getattr(connector, 'attends', False):
            memory = connector(perception)[:, 0]
            return AttendedMemory(self._attend, memory, connector.num_sources, connector.remember)
        if not connector.needs_query:
            tokens = connector(perception)
            expected = (perception.batch_size, connector.num_sources, connector.tokens_per_source, self._hidden_size)
            if tuple(tokens.shape) != expected:
                raise ConfigError(
                    f'{type(connector).__name__} gave perceptual tokens of shape {list(tokens.shape)}; '
                    f'[B, S, T, H] = {list(expected)} is expected.'
                )
            return StaticTokens(tokens, connector.shift)

        def make(source: int, rows: Tensor, hidden: Tensor, real: Tensor) -> Tensor:
            return connector.query(perception.select(rows), source, self._in_own_type(hidden), real)

        return QueriedTokens(make, span, connector.tokens_per_source, shift=connector.shift)

    def _attend(self, source: int, memory: Tensor, hidden: Tensor) -> Tensor:
        return self.connector.attend(source, memory, self._in_own_type(hidden))

    def _in_own_type(self, hidden: Tensor) -> Tensor:
        # the language model may be held in another type than the connector trains in
        return hidden.to(next((p.dtype for p in self.connector.parameters()), hidden.dtype))

    def context(self, batch: Mapping) -> 'InjectionContext':
        """What the head passes to the language model for this batch."""
        return InjectionContext(self, self.perceive(batch), self.shown(batch))

    def shown(self, batch: Mapping) -> Tensor | None:
        """``[B]`` bool, False for samples that are given no perceptual tokens, see ``skip_blank``; None where all are."""
        shown = [not is_blank(media) for media in batch.get('media', ())] if self.skip_blank else []
        return None if all(shown) else torch.tensor(shown, device=next(self.parameters()).device)

    def answered(self, head: nn.Module, lm: CausalLM, batch: Mapping) -> list[dict]:
        """One dict a sample: its id, task, question and answer, and what the head predicts under this adaptation."""
        predictions = head.predict(lm, batch, self.context(batch))
        asked = ('id', 'media', 'modality', 'task', 'question', 'answer')
        return [
            {**{name: batch[name][i] for name in asked if name in batch}, **prediction}
            for i, prediction in enumerate(predictions)
        ]


class InjectionContext:
    """What ``lm.forward`` and ``lm.generate`` are to inject, for a span of text the connector may read."""

    def __init__(self, model: Adaptation, perception: Perception | None, shown: Tensor | None = None):
        self.model, self.perception, self.shown = model, perception, shown

    def __call__(self, span: Tensor) -> Injected:
        model = self.model
        tokens = None if self.perception is None else model.tokens(self.perception, span).given_to(self.shown)
        prompt = None if model.soft_prompt is None else model.soft_prompt()
        adapters = [*model.adapters, *([] if model.lora is None else [model.lora])]
        return Injected(model.injector, tokens, prompt, tuple(adapters))


def prompt_sizes(lm: CausalLM) -> dict[str, int]:
    """What a soft prompt may ask of the language model it stands in: E, H and its depth."""
    return {'width': lm.embedding_size, 'hidden_size': lm.hidden_size, 'num_layers': lm.num_layers}


def check_query(lm: LanguageModel, connector: nn.Module) -> None:
    """See that a language model has the state that a connector is to be asked by.

    Raises:
        ConfigError: it has not, such as the first token of a causal one, which has seen nothing of the text.
    """
    asks = getattr(connector, 'asks', None)
    if asks is not None and asks not in lm.queries:
        raise ConfigError(
            f'{type(connector).__name__}: query={asks!r}: {type(lm).__name__} has no such state that has seen the text. '
            f'Choose from {", ".join(lm.queries)}.'
        )


def _refuse(message: str) -> None:
    raise ConfigError(message)
