"""A checkpoint answers questions about pictures.

model = load('work_dirs/my_run/checkpoints/best')
model.answer('cat.jpg', 'What is this?')
model.answer(['a.jpg', 'b.jpg'], 'Is this an animal?', answers=['yes', 'no'])
model.caption('cat.jpg')
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.utils import import_modules_from_strings
from torch import nn

from .config import set_options
from .datasets.given_pictures import Picture, as_list, as_rgba
from .datasets.pictures import on_white
from .engine.checkpoint import load_checkpoint, read_description
from .engine.facade import Facade
from .engine.train import build_model
from .errors import CheckpointError, ConfigError
from .nodes import component_of, nodes
from .registry import DATASETS, HEADS, TRANSFORMS
from .validation.signatures import node_faults

CAPTION = 'Describe the picture.'
LOADERS = ('test_dataloader', 'val_dataloader', 'train_dataloader')


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
        batch_size: pictures at once; no answer depends on it.
        options: dotted config keys and new values, such as ``{'model.language_model.model': '/models/opt-2.7b'}`` where a
            base model has moved.
        config: in place of the checkpoint's own.

    Raises:
        MissingDataError: no checkpoint, or a base model that is not here; says how to get it.
        CheckpointError: damaged, of an unknown format, of other base models, or without a config.
        ConfigError: a module of ``custom_imports`` that cannot be imported, an unknown option, a wrong device.
    """
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        raise ConfigError(f'batch_size={batch_size!r} must be a whole number from 1 on.')
    where = None if device is None else _checked(device)
    if config is not None and not isinstance(config, Config):
        raise ConfigError(f'config={config!r} is no config: give config=load_config(FILE).')
    saved = read_description(checkpoint).get('config')
    if config is None:
        if not saved:
            raise CheckpointError(f'{checkpoint} was saved without its config: give it as config=load_config(FILE).')
        config = Config(saved)
    set_options(config, options)
    _import_components(config)
    model = build_model(config, config.get('seed', 0))
    load_checkpoint(checkpoint, model)
    return Predictor(model if where is None else model.to(where), config, batch_size)


class Predictor:
    """A model that is asked about pictures. A picture is a path, a PIL picture, a tensor ``[3, H, W]`` or an array
    ``[H, W, 3]`` (uint8, or floats in [0, 1]); it is shown to the model as the pictures of its test data are.

    Args:
        model: trained, with ``preprocessing`` and ``predict``.
        config: what it was built from; its data sets say how pictures are prepared.
        batch_size: pictures at once.
    """

    def __init__(self, model: nn.Module, config: Mapping[str, Any], batch_size: int = 16):
        self.model, self.config, self.batch_size = model.eval(), config, batch_size
        self._facade = Facade(model, config.get('precision', 'fp32'))
        dataset = next((config[key]['dataset'] for key in LOADERS if (config.get(key) or {}).get('dataset')), {})
        component = component_of(dataset, DATASETS)
        self._prepare = getattr(component, 'prepare_picture', on_white)
        self.transform = TRANSFORMS.build(
            dataset.get('transform') or {'type': 'ImageTransform'}, key='transform', preprocessing=model.preprocessing
        )
        if not getattr(self.transform, 'deterministic', True):
            raise ConfigError(
                'The only transform of this config is random, so a picture has no one answer. Give the config a test or '
                'validation loader, or switch augmentation off: options={"train_dataloader.dataset.transform.augment": None}.'
            )

    def answer(
        self,
        image: Picture | Sequence[Picture],
        question: str | Sequence[str],
        answers: Sequence[str] | Sequence[Sequence[str]] | None = None,
        **generate: Any,
    ) -> str | list[str]:
        """The answer to a question about a picture; a list of answers where pictures or questions are a list.

        Args:
            image: one picture or several; one goes with every question.
            question: one question or as many as pictures; one goes with every picture.
            answers: choose among these by log-probability; one set for all, or one each. Free generation unless given.
            generate: options of generation, in place of the config's: max_new_tokens, num_beams, ...

        Raises:
            MissingDataError: a picture that cannot be read.
            ConfigError: numbers that do not agree, empty sets, unknown options.
        """
        single = as_list(image)[1] and isinstance(question, str)
        mode = 'generated' if answers is None else 'ranked'
        found = [prediction[mode] for prediction in self.predict(image, question, answers, **generate)]
        return found[0] if single else found

    def caption(self, image: Picture | Sequence[Picture], question: str = CAPTION, **generate: Any) -> str | list[str]:
        """What a picture shows, in words; a list where pictures are a list.

        Args:
            image: one picture or several.
            question: what the model was trained to be asked for a caption.
            generate: options of generation, as for :meth:`answer`.
        """
        return self.answer(image, question, **generate)

    def predict(
        self,
        image: Picture | Sequence[Picture],
        question: str | Sequence[str],
        answers: Sequence[str] | Sequence[Sequence[str]] | None = None,
        **generate: Any,
    ) -> list[dict[str, Any]]:
        """What :meth:`answer` stands on: for each pair ``question``, ``ranked``, ``generated`` and ``scores``."""
        pictures, questions = _pairs(as_list(image)[0], question)
        sets = _answer_sets(answers, len(questions))
        if sets and generate:
            raise ConfigError(f'answers= ranks, and generates nothing: leave {", ".join(generate)} out.')
        found: list[dict[str, Any]] = []
        with self._asked_to(rank=bool(sets), generate=None if sets else generate):
            for start in range(0, len(questions), self.batch_size):
                part = slice(start, start + self.batch_size)
                batch: dict[str, Any] = {'pixels': self._pixels(pictures[part]), 'question': questions[part]}
                if sets:
                    batch['answers'] = sets[part]
                found += self._facade.val_step(batch)
        return found

    def _pixels(self, pictures: Sequence[Picture]) -> torch.Tensor:
        return torch.stack([self.transform(self._prepare(as_rgba(picture))) for picture in pictures])

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


def _pairs(pictures: list[Picture], question: str | Sequence[str]) -> tuple[list[Picture], list[str]]:
    questions = list(question) if isinstance(question, Iterable) and not isinstance(question, str) else [question]
    if any(not isinstance(text, str) for text in questions):
        raise ConfigError(f'A question is a text, or a list of texts; found {question!r}.')
    if len(pictures) == 1:
        return pictures * len(questions), questions
    if isinstance(question, str):
        return pictures, questions * len(pictures)
    if len(pictures) != len(questions):
        raise ConfigError(
            f'{len(pictures)} pictures and {len(questions)} questions: give as many of each, or one of either.'
        )
    return pictures, questions


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


def _import_components(config: Mapping[str, Any]) -> None:
    wanted = config.get('custom_imports')
    try:
        if wanted:
            import_modules_from_strings(**wanted)
    except (ImportError, TypeError) as error:
        raise ConfigError(
            f'The checkpoint needs components of its own, custom_imports={dict(wanted)}: {error}.\n'
            'Put the folder they lie in on the path: PYTHONPATH=FOLDER.'
        ) from error


def _checked(device: str | torch.device) -> torch.device:
    try:
        found = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise ConfigError(f'device={device!r} is none; give cpu, cuda or cuda:N.') from error
    if found.type == 'cuda' and (found.index or 0) >= torch.cuda.device_count():
        raise ConfigError(f'device={str(device)!r}: there are {torch.cuda.device_count()} CUDA devices here.')
    return found
