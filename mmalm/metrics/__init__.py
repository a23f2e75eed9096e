"""Metrics of predictions."""

from .answer_accuracy import AnswerAccuracy
from .vqa_accuracy import VQAAccuracy

__all__ = ['AnswerAccuracy', 'VQAAccuracy']
