"""Read any JSON as if it were FHIR: a wrong type is an absent value, never an exception.

What comes from outside is hostile: a list may be an object, a number text, text a megabyte of control characters.
Everything above these few functions may therefore ask for what it wants and check only for empty.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
"""One resource, or a part of one, as a JSON decoder gives it."""

TEXT_LIMIT = 1024
"""Characters kept of one string: the longest DICOM text written from a single string (LT, UT) is cut in the plan."""

LIST_LIMIT = 256
"""Entries read of a list of codes, names, notes …; series and instances are not limited."""

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_INTEGER = re.compile(r"[+-]?[0-9]{1,10}(\.0{1,10})?")
_NUMBER = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?")
_INT32 = 2**31


def text(value: Any, limit: int = TEXT_LIMIT) -> str:
    """Return a string on one line, stripped and cut; of a number its digits; else empty.

    Control characters become a space, halves of a surrogate pair U+FFFD: neither can be written to a file.
    """
    if isinstance(value, str):
        if len(value) <= limit and value.isprintable():
            return value.strip()
        kept = _UNPRINTABLE.sub(" ", value[: 4 * limit])
        return _SURROGATE.sub("\ufffd", kept).strip()[:limit].rstrip()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    return repr(value) if abs(value) < 1e30 else ""


def items(value: Any, limit: int | None = LIST_LIMIT) -> list[Any]:
    """Return the entries of a list; of anything else a list of it, since XML cannot say that one is many."""
    if isinstance(value, list):
        return value if limit is None else value[:limit]
    return [] if value is None else [value]


def objects(value: Any, limit: int | None = LIST_LIMIT) -> list[Json]:
    """Return those entries of a list, or the value itself, that are objects."""
    return [v for v in items(value, limit) if isinstance(v, dict)]


def part(value: Any, *path: str) -> Any:
    """Return what lies at a path of keys, the first entry where a list is in the way; None when there is nothing."""
    for key in path:
        inner = next(iter(objects(value)), None) if isinstance(value, list) else value
        value = inner.get(key) if isinstance(inner, Mapping) else None
    return value


def integer(value: Any) -> int | None:
    """Return a whole number of 32 bits, also from text (``"3"``, ``"3.0"``); None for everything else."""
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value.strip()):
            return None
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if not -_INT32 <= value < _INT32 or value != math.floor(value):
        return None
    return int(value)


def count(value: Any) -> int | None:
    """Return a whole number that is not negative."""
    number_ = integer(value)
    return number_ if number_ is not None and number_ >= 0 else None


def number(value: Any) -> float | None:
    """Return a finite number, also from text; None for everything else."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value.strip()):
            return None
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e300:
        return None
    return float(value)


def flag(value: Any) -> bool | None:
    """Return a truth value, also from XML's ``"true"``; None for everything else."""
    return (
        {True: True, "true": True, False: False, "false": False}.get(value)
        if isinstance(value, (bool, str))
        else None
    )
