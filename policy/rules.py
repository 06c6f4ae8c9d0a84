"""The numbers of the product (§13), one frozen table, each with its source."""
from __future__ import annotations
from dataclasses import dataclass
from datetime import timedelta

@dataclass(frozen=True, slots=True)
class Rules:
    step_up_fresh: timedelta = timedelta(minutes=10)

RULES = Rules()
