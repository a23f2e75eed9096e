"""Metrics of predictions."""

from .answer_accuracy import AnswerAccuracy
from .caption_scores import CaptionScores
from .gqa_accuracy import GQAAccuracy
from .scienceqa_accuracy import ScienceQAAccuracy
from .vqa_accuracy import VQAAccuracy

__all__ = ['AnswerAccuracy', 'CaptionScores', 'GQAAccuracy', 'ScienceQAAccuracy', 'VQAAccuracy']
