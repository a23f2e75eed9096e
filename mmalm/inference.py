"""A checkpoint answers questions about pictures, videos and sounds.

model = load('work_dirs/my_run/checkpoints/best')
model.answer('cat.jpg', 'What is this?')
model.answer(['a.jpg', 'b.jpg'], 'Is this an animal?', answers=['yes', 'no'])
model.caption('cat.jpg')
model.answer('dog.wav', 'What is this?')
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from torch import nn

from .datasets import collate
from .datasets.given_media import Medium, as_list, modality_of, transformed
from .encoders.modalities import INPUTS
from .engine.checkpoint import load_checkpoint
from .engine.facade import Facade
from .engine.saved_config import saved_config
from .engine.shown import Shown
from .engine.train import build_model
from .errors import ConfigError
from .nodes import nodes
from .registry import HEADS
from .validation.signatures import node_faults


def load(
    checkpoint: str | Path,
    device: str | torch.device | None = None,
    batch_size: int = 16,
    options: Mapping[str, Any] | None = None,
    config: Config | None = None,
) -> 'Predictor':
    """Rebuild the model of a checkpoint, from the config that lies in it.

    Args:
        checkpoint: its folder, as ``work_dirs/my_run/checkpoints/best``.
        device: where the model runs; a GPU where there is one unless told.
        batch_size: media at once; no answer depends on it.
        options: dotted config keys and new values, such as ``{'model.language_model.model': '/models/opt-2.7b'}`` where a
            base model has moved.
        config: in place of the checkpoint's own.

    Raises:
        MissingDataError: no checkpoint, or a base model that is not here; says how to get it.
        CheckpointError: damaged, of an unknown format, of other base models, or without a config.
        ConfigError: no path, a module of ``custom_imports`` that cannot be imported, an unknown option, a wrong device.
    """
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        raise ConfigError(f'batch_size={batch_size!r} must be a whole number from 1 on.')
    where = None if device is None else _checked(device)
    config = saved_config(checkpoint, options, config)
    model = build_model(config, config.get('seed', 0))
    load_checkpoint(checkpoint, model)
    return Predictor(model if where is None else model.to(where), config, batch_size)


class Predictor:
    """A model that is asked about media. A picture is a path, a PIL picture, a tensor ``[3, H, W]`` or an array
    ``[H, W, 3]`` (uint8, or floats in [0, 1]); a video a path or a VideoClip; a sound a path or a Waveform. Each is shown to the
    model as the media of its test data are.

    Args:
        model: trained, with ``preprocessing`` and ``predict``.
        config: what it was built from; its data sets say how media are prepared.
        batch_size: media at once.

    Attributes:
        modalities: what the model perceives, of 'image', 'video' and 'audio'.
    """

    def __init__(self, model: nn.Module, config: Mapping[str, Any], batch_size: int = 16):
        self.model, self.config, self.batch_size = model.eval(), config, batch_size
        self._facade = Facade(model, config.get('precision', 'fp32'))
        self.modalities = list(getattr(model, 'adaptations', None) or [getattr(model, 'modality', 'image')])
        self._shown = {modality: Shown(model, config, modality) for modality in self.modalities}

    @property
    def transform(self) -> Any:
        """How media are prepared for a model of one modality; of several, those of the first."""
        return self._shown[self.modalities[0]].transform

    def answer(
        self,
        media: Medium | Sequence[Medium],
        question: str | Sequence[str],
        answers: Sequence[str] | Sequence[Sequence[str]] | None = None,
        modality: str | None = None,
        **generate: Any,
    ) -> str | list[str]:
        """The answer to a question about a picture, video or sound; a list of answers where media or questions are a list.

        Args:
            media: one or several; one goes with every question.
            question: one question or as many as media; one goes with all of them.
            answers: choose among these by log-probability; one set for all, or one each. Free generation unless given.
            modality: 'image', 'video' or 'audio', where a model perceives several and a file's ending does not say what it is.
            generate: options of generation, in place of the config's: max_new_tokens, num_beams, ...

        Raises:
            MissingDataError: a file that cannot be read.
            ConfigError: media of a kind the model does not perceive, numbers that do not agree, empty sets, unknown options.
        """
        single = as_list(media)[1] and isinstance(question, str)
        mode = 'generated' if answers is None else 'ranked'
        found = [prediction[mode] for prediction in self.predict(media, question, answers, modality, **generate)]
        return found[0] if single else found

    def caption(
        self, media: Medium | Sequence[Medium], question: str | None = None, **generate: Any
    ) -> str | list[str]:
        """What a picture shows or a sound is of, in words; a list where media are a list.

        Args:
            media: one or several.
            question: what the model is to be asked for a caption; what its data sets ask unless told.
            generate: options of generation, and modality, as for :meth:`answer`.
        """
        if question is None:
            asked = self.caption_questions(media, generate.get('modality'))
            question = asked[0] if as_list(media)[1] else asked
        return self.answer(media, question, **generate)

    def caption_questions(self, media: Medium | Sequence[Medium], modality: str | None = None) -> list[str]:
        """What the model's data sets ask of each medium where they want a caption."""
        return [self._shown[modality_of(one, self.modalities, modality)].caption for one in as_list(media)[0]]

    def predict(
        self,
        media: Medium | Sequence[Medium],
        question: str | Sequence[str],
        answers: Sequence[str] | Sequence[Sequence[str]] | None = None,
        modality: str | None = None,
        **generate: Any,
    ) -> list[dict[str, Any]]:
        """What :meth:`answer` stands on: for each pair ``question``, ``ranked``, ``generated`` and ``scores``."""
        given, questions = _pairs(as_list(media)[0], question)
        kinds = [modality_of(medium, self.modalities, modality) for medium in given]
        sets = _answer_sets(answers, len(questions))
        if sets and generate:
            raise ConfigError(f'answers= ranks, and generates nothing: leave {", ".join(generate)} out.')
        found: list[dict[str, Any]] = []
        with self._asked_to(rank=bool(sets), generate=None if sets else generate):
            for start in range(0, len(questions), self.batch_size):
                part = slice(start, start + self.batch_size)
                shown = zip(given[part], kinds[part], questions[part], strict=True)
                samples = [self._sample(*one) for one in shown]
                if sets:
                    samples = [{**sample, 'answers': own} for sample, own in zip(samples, sets[part], strict=True)]
                found += self._facade.val_step(collate(samples))
        return found

    def _sample(self, medium: Medium, modality: str, question: str) -> dict[str, Any]:
        shown = self._shown[modality]
        sample = {INPUTS[modality]: transformed(medium, modality, shown.prepare, shown.transform), 'question': question}
        return sample if len(self.modalities) == 1 else {**sample, 'modality': modality}

    @contextlib.contextmanager
    def _asked_to(self, rank: bool, generate: Mapping[str, Any] | None) -> Iterator[None]:
        """The model's head set to rank or to generate inside."""
        head = getattr(self.model, 'head', None)
        if head is None or not (hasattr(head, 'rank') and hasattr(head, 'generate')):
            raise ConfigError(f'{type(self.model).__name__} has no head that ranks or generates answers.')
        settings = dict(self.config['model']['head'])
        if generate is not None:
            generate = {**(settings.get('generate') or {}), **generate}
        settings |= {'rank': rank, 'generate': generate}
        found = [node for node in nodes({'model': {**self.config['model'], 'head': settings}}) if 'head' in node.path]
        if faults := [str(fault) for node in found for fault in node_faults(node)]:
            raise ConfigError('\n'.join(faults))
        asked = HEADS.build(settings, key='model.head')
        asked.load_state_dict(head.state_dict())
        self.model.head = asked.to(self._facade.device).eval()
        try:
            yield
        finally:
            self.model.head = head


def _pairs(given: list[Medium], question: str | Sequence[str]) -> tuple[list[Medium], list[str]]:
    questions = list(question) if isinstance(question, Iterable) and not isinstance(question, str) else [question]
    if any(not isinstance(text, str) for text in questions):
        raise ConfigError(f'A question is a text, or a list of texts; found {question!r}.')
    if len(given) == 1:
        return given * len(questions), questions
    if isinstance(question, str):
        return given, questions * len(given)
    if len(given) != len(questions):
        raise ConfigError(f'{len(given)} media and {len(questions)} questions: give as many of each, or one of either.')
    return given, questions


def _answer_sets(answers: Any, count: int) -> list[list[str]]:
    if answers is None:
        return []
    if isinstance(answers, str):
        raise ConfigError(f'answers={answers!r} is one text: give a list of answers to choose among.')
    shared = all(isinstance(answer, str) for answer in answers)
    if not shared and any(isinstance(entry, str) or not isinstance(entry, Iterable) for entry in answers):
        raise ConfigError(f'answers is a list of texts, or a list of such lists; found {answers!r}.')
    sets = [list(answers)] * count if shared else [list(entry) for entry in answers]
    if len(sets) != count:
        raise ConfigError(f'answers holds {len(sets)} sets for {count} questions: give one set for all, or one each.')
    for names in sets:
        if not names or len(set(names)) < len(names) or not all(isinstance(name, str) for name in names):
            raise ConfigError(f'answers to choose among are different texts, one or more; found {names!r}.')
    return sets


def _checked(device: str | torch.device) -> torch.device:
    try:
        found = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise ConfigError(f'device={device!r} is none; give cpu, cuda or cuda:N.') from error
    if found.type == 'cuda' and (found.index or 0) >= torch.cuda.device_count():
        raise ConfigError(f'device={str(device)!r}: there are {torch.cuda.device_count()} CUDA devices here.')
    return found
