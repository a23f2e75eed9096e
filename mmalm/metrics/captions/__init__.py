"""Scores of captions against references: tokenisation, overlap of n-grams, and what only Java programs give."""
