"""Metrics of predictions."""

from .answer_accuracy import AnswerAccuracy

__all__ = ['AnswerAccuracy']
