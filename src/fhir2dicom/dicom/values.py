"""Values made fit for their Value Representation, by keyword, before anything is encoded.

What comes out is what pydicom and the fast path of `header` both write: numbers in text VRs are text
already, texts are within their limits, sequences are tuples of attributes treated the same way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from numbers import Integral, Real
from typing import SupportsFloat, cast
from urllib.parse import quote

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataset import Dataset

from fhir2dicom.dicom import text
from fhir2dicom.model import Attributes


class EncodeError(ValueError):
    """What a plan or a physics gave cannot be DICOM: a bug there, never bad input."""


CHARACTER_SET = "ISO_IR 192"
"""Always: one rule for every script, and ASCII reads the same in it."""

_UID = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+")
_DATE = re.compile(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)?")
_AGE = re.compile(r"\d{3}[DWMY]")
_URI = "%/:?#[]@!$&'()*+,;=~-._"
_DATETIME = re.compile(r"\d{4}(\d\d){0,5}(\.\d{1,6})?([+-]\d{4})?")


@cache
def element(keyword: str) -> tuple[int, str]:
    """Return (tag, VR) of a keyword of PS3.6."""
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise EncodeError(f"{keyword} is no keyword of PS3.6")
    return tag, dictionary_VR(tag)


def normal(attributes: Attributes) -> dict[str, object]:
    """Return the attributes with every value fit for its VR."""
    return {keyword: fit(keyword, value) for keyword, value in attributes.items()}


def fit(keyword: str, value: object) -> object:
    """Return one value, or a tuple of several, fit for the keyword's VR."""
    vr = element(keyword)[1]
    if vr == "SQ":
        return tuple(normal(item) for item in cast("tuple[Attributes, ...]", value))
    rule = _RULES.get(vr)
    if rule is None:
        return value
    if isinstance(value, list | tuple):
        return tuple(_one(keyword, rule, v) for v in value)
    return _one(keyword, rule, value)


def dataset(attributes: Attributes) -> Dataset:
    """Return pydicom's form of normal attributes."""
    made = Dataset()
    for keyword, value in attributes.items():
        tag, vr = element(keyword)
        if vr == "SQ":
            items = [dataset(item) for item in cast("tuple[Attributes, ...]", value)]
            made.add_new(tag, vr, items)
        else:
            made.add_new(tag, vr, list(value) if isinstance(value, tuple) else value)
    return made


def decimal(number: SupportsFloat | str) -> str:
    """Return a DS: the shortest text of at most 16 characters that is nearest to the number."""
    x = float(number)
    if not math.isfinite(x):
        raise EncodeError(f"{number!r} is no decimal string")
    short = repr(x).removesuffix(".0")
    digits = 16
    while len(short) > 16:
        digits -= 1
        short = f"{x:.{digits}g}"
    return "0" if short == "-0" else short


def _one(keyword: str, rule: Callable[[object], str], value: object) -> str:
    if value is None or value == "":
        return ""
    try:
        return rule(value)
    except (TypeError, ValueError) as error:
        raise EncodeError(f"{keyword}: {value!r} does not fit: {error}") from None


def _whole(value: object) -> str:
    number = int(cast("Integral", value))
    if number != value and not isinstance(value, str):
        raise EncodeError("not a whole number")
    if not -(2**31) <= number < 2**31:
        raise EncodeError("beyond 32 bits")
    return str(number)


def _decimal(value: object) -> str:
    return decimal(cast("Real", value))


def _uid(value: object) -> str:
    uid = str(value)
    if len(uid) > 64 or not _UID.fullmatch(uid):
        raise EncodeError("not a UID of PS3.5 9.1")
    return uid


def _pattern(pattern: re.Pattern[str]) -> Callable[[object], str]:
    return lambda value: str(value) if pattern.fullmatch(str(value)) else ""


def _line(limit: int | None) -> Callable[[object], str]:
    return lambda value: text.line(str(value), limit)


def _lines(limit: int | None) -> Callable[[object], str]:
    return lambda value: text.paragraphs(str(value), limit)


def _name(value: object) -> str:
    groups = [text.line(group, text.GROUP_LIMIT) for group in str(value).split("=")[:3]]
    return "=".join(groups).rstrip("=")


_RULES: Mapping[str, Callable[[object], str]] = {
    "AE": lambda value: text.line(str(value), None).encode("ascii", "replace").decode()[:16].strip(),
    "AS": _pattern(_AGE),
    "CS": lambda value: text.code_string(str(value)),
    "DA": _pattern(_DATE),
    "DS": _decimal,
    "DT": _pattern(_DATETIME),
    "IS": _whole,
    "LO": _line(64),
    "LT": _lines(10240),
    "PN": _name,
    "SH": _line(16),
    "ST": _lines(1024),
    "TM": _pattern(_TIME),
    "UC": _line(None),
    "UI": _uid,
    "UR": lambda value: quote(text.line(str(value)), safe=_URI),
    "UT": _lines(None),
}
"""VR: how a value is made to fit (PS3.5 6.2). Those not here are numbers or bytes and pass."""
