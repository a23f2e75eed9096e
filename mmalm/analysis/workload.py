"""What is counted: how large a batch, how long its texts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import ConfigError

TEXT_LENGTH = 32
ANSWER_LENGTH = 4


@dataclass(frozen=True)
class Workload:
    """One batch on one device; all its texts are equally long, so none of it is padding.

    Attributes:
        batch_size: B, samples.
        text_length: L, tokens of question and answer together, soft prompt and perceptual tokens not counted.
        answer_length: tokens at the end of the text that are the answer, its end token included. Generation starts from
            the L - answer_length tokens before and makes these.
    """

    batch_size: int = 1
    text_length: int = TEXT_LENGTH
    answer_length: int = ANSWER_LENGTH

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ConfigError(f'{name.replace("_", " ")} must be a whole number from 1 on, found {value!r}.')
        if self.answer_length >= self.text_length:
            raise ConfigError(
                f'the text of {self.text_length} tokens holds question and answer, so an answer of {self.answer_length} '
                'leaves no question: raise the text length or lower the answer length.'
            )

    @property
    def question_length(self) -> int:
        """Tokens before the answer."""
        return self.text_length - self.answer_length


def workload_of(
    config: Mapping[str, Any],
    batch_size: int | None = None,
    text_length: int | None = None,
    answer_length: int | None = None,
    devices: int = 1,
) -> Workload:
    """The batch one of ``devices`` equal devices handles; its size is the config's unless told, and so is the length of texts where
    its head cuts them below the usual.

    Raises:
        ConfigError: sizes below 1, or a batch that does not divide evenly.
    """
    if devices < 1:
        raise ConfigError(f'the number of devices must be 1 or more, found {devices}.')
    if batch_size is None:
        batch_size = (config.get('train_dataloader') or {}).get('batch_size', 1)
    if text_length is None:
        cut = ((config.get('model') or {}).get('head') or {}).get('max_tokens')
        text_length = min(TEXT_LENGTH, max(cut or TEXT_LENGTH, ANSWER_LENGTH + 1))
    whole = Workload(
        batch_size,
        text_length,
        ANSWER_LENGTH if answer_length is None else answer_length,
    )
    if whole.batch_size % devices:
        raise ConfigError(f'a batch of {whole.batch_size} does not divide into {devices} devices evenly.')
    return Workload(whole.batch_size // devices, whole.text_length, whole.answer_length)
