"""Nouns: one a file."""

from support.models.paper import Paper
from support.models.review import Decision, Review

__all__ = ["Decision", "Paper", "Review"]
