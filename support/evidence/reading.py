"""Step 2: open the file in a process of its own and get its pages back, drawn anew."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from policy.rules import RULES, Rules
from support.evidence.faults import Fault
from support.evidence.sniff import Kind

ROOT = Path(__file__).resolve().parent.parent.parent
MOST_PAGES = 4
PATIENCE = 40.0  # seconds, over the box's own limit of processor time


@dataclass(frozen=True, slots=True)
class Page:
    """One page as a fresh JPEG."""

    width: int
    height: int
    jpeg: bytes


def read(data: bytes, kind: Kind, rules: Rules = RULES) -> list[Page] | Fault:
    """The pages, or why the file is not taken. Whatever the file does, this process lives on.

    Attack stopped: bombs and faults in decoders (CWE-409, CWE-400). The box gets no secret: its environment is empty.
    """
    line = [sys.executable, "-m", "support.evidence.box", kind.value, str(rules.file_pixels), str(MOST_PAGES)]
    try:
        done = subprocess.run(
            line, input=data, capture_output=True, cwd=ROOT, env={"PATH": os.defpath}, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return Fault.TOO_SLOW
    if done.returncode:
        return Fault.TOO_SLOW if done.returncode == -24 else Fault.BROKEN  # SIGXCPU: out of processor time
    head, _, body = done.stdout.partition(b"\n")
    answer = json.loads(head)
    if "fault" in answer:
        return Fault(answer["fault"])
    pages, at = [], 0
    for width, height, size in answer["pages"]:
        pages.append(Page(width, height, body[at : at + size]))
        at += size
    return pages
