"""What people type, made comparable: codes in every width and grouping, names as they are (conventions §1.2, §2.3).

Passwords never pass through here.
"""

from __future__ import annotations

import unicodedata

#: Longest name kept, in code points; at least 64 must fit whatever the script.
NAME_LENGTH = 150
_SEPARATORS = frozenset("-‐‑‒–—―−ー・.。,、·•'’_/()[]（）")
_CROCKFORD_ALIASES = str.maketrans("OIL", "011")


def code(text: str) -> str:
    """A typed code as ASCII: １２３ ４５６, 123-456 and 123 456 are 123456; leading zeros stay, nothing is guessed."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if char not in _SEPARATORS and not _unseen(char))


def saved_code(text: str) -> str:
    """A typed saved code: upper case, and the letters Crockford leaves out read as what they were taken for."""
    return code(text).upper().translate(_CROCKFORD_ALIASES)


def person_name(text: str) -> str:
    """A name as its owner writes it, 髙 and 﨑 and accents included: only outer spaces, line breaks and controls go.

    Never NFKC, which would change some characters. Attack stopped: a line break in a name that writes mail headers.
    """
    kept = "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Zl", "Zp", "Cs"})
    return kept.strip()[:NAME_LENGTH]


def _unseen(char: str) -> bool:
    """Spaces of every width, controls, joiners and direction marks: pasted along with a code and never meant."""
    return unicodedata.category(char) in {"Zs", "Zl", "Zp", "Cc", "Cf"}
