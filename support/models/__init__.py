"""Nouns: one a file."""

from support.models.paper import SIDES, Document, Paper
from support.models.review import Decision, Review

__all__ = ["SIDES", "Decision", "Document", "Paper", "Review"]
