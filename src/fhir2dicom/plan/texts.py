"""Text made fit for a header: what DICOM's short strings may hold (PS3.5 6.2), and words found in prose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

SHORT = 16
"""Characters of an SH."""
LONG = 64
"""Characters of an LO."""

_WHOLE_WORD = 4
"""Words this short must stand alone; longer ones may begin a compound (Thoraxaufnahme)."""


def printable(text: str) -> str:
    """Return a text without control characters, lone surrogates and runs of blanks."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    kept = (
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cs"}
    )
    return " ".join("".join(kept).split())


def fit(text: str, limit: int, what: str, notes: list[str]) -> str:
    """Return a text that fits SH or LO: no control characters, no backslash, at most ``limit`` characters."""
    clean = printable(text).replace("\\", "/")
    if len(clean) > limit:
        notes.append(f"{what}: '{clean[:80]}' is longer than {limit} characters; cut")
    return clean[:limit].rstrip()


def fold(*texts: str) -> str:
    """Return texts as one lower-case line to look for words in; ``Pelvis_Xray`` is two words."""
    return " | ".join(t.casefold().replace("_", " ") for t in texts if t)


def has_word(text: str, words: Iterable[str]) -> bool:
    """Say whether one of the words stands in a folded text."""
    return any(_pattern(w).search(text) for w in words)


def spans(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Return (start, end) of each place where one of the words stands in a folded text."""
    return [m.span() for w in words for m in _pattern(w).finditer(text)]


def inside(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Say whether a longer match covers this one: ``chest wall`` covers ``chest``."""
    return other[1] - other[0] > one[1] - one[0] and other[0] <= one[0] and one[1] <= other[1]


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str]:
    word = word.casefold()
    if not word.isascii() and unicodedata.name(word[0], "").startswith("CJK"):
        return re.compile(re.escape(word))
    end = r"(?!\w)" if len(word) <= _WHOLE_WORD else ""
    return re.compile(rf"(?<!\w){re.escape(word)}{end}")
