"""FHIR's dateTime as DICOM's DA, TM and offset; what cannot be one is left empty, with a note."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from fhir2dicom.model import When

_FORM = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"\s*(?P<offset>[Zz]|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)
_EARLIEST, _LATEST = -12 * 60, 14 * 60
"""Minutes that Timezone Offset From UTC (0008,0201) may hold (PS3.3 C.12.1.1)."""
_FAR = 2100
"""No record says what today is; a year after this one is surely ahead of it."""
_YEARS = range(1000, 3000)
"""Databases write 0001-01-01 and 9999-12-31 for a date that nobody knows, and dciodvfy takes neither for a DA."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment twice: as the header may show it, and as the nearest day for reckoning ages."""

    when: When = field(default_factory=When)
    day: date | None = None
    """Mid of the year or month when only that is known."""


def moment(text: str, what: str, notes: list[str]) -> Moment:
    """Return a FHIR date or dateTime; ``what`` names it in the notes."""
    text = text.strip()
    if not text:
        return Moment()
    match = _FORM.fullmatch(text)
    found = _read(match, what, notes) if match else Moment()
    if found.day is None:
        notes.append(f"{what}: '{text[:40]}' is no date; left empty")
    elif not found.when.date:
        notes.append(f"{what}: '{text}' is only part of a date; left empty")
    elif found.day.year > _FAR:
        notes.append(f"{what}: '{text}' is in the future; kept")
    return found


def day_of(text: str) -> date | None:
    """Return the day of a FHIR date or dateTime, mid of what a partial one leaves open; None when it is none."""
    if len(text) >= 10 and text[4] == "-" == text[7]:
        try:
            known = date.fromisoformat(text[:10])
        except ValueError:
            return None
        return known if known.year in _YEARS else None
    return moment(text, "", []).day


def instant_of(text: str) -> datetime | None:
    """Return a FHIR dateTime that has a time of day; without a zone when none is given."""
    try:
        return datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None


def is_before(early: str, late: str) -> bool:
    """Say whether one FHIR dateTime is surely before another: by day, and on one day by the clock where both have one."""
    first, then = instant_of(early), instant_of(late)
    if first is not None and then is not None and (first.tzinfo is None) == (then.tzinfo is None):
        return first < then
    one, other = day_of(early), day_of(late)
    return one is not None and other is not None and one < other


def _read(match: re.Match[str], what: str, notes: list[str]) -> Moment:
    year, month, day = match["year"], match["month"], match["day"]
    try:
        known = date(int(year), int(month or 7), int(day or (15 if month else 1)))
    except ValueError:
        return Moment()
    if known.year not in _YEARS:
        return Moment()
    if day is None:
        return Moment(When(), known)
    plain = Moment(When(f"{known:%Y%m%d}"), known)
    return _with_time(plain, match, what, notes) if match["hour"] else plain


def _with_time(plain: Moment, match: re.Match[str], what: str, notes: list[str]) -> Moment:
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    when, day = plain.when, plain.day
    if (hour, minute, second) == (24, 0, 0) and day is not None:
        day, hour = day + timedelta(days=1), 0
        when = replace(when, date=f"{day:%Y%m%d}")
        notes.append(f"{what}: 24:00 is written as 00:00 of the next day")
    if second == 60:
        second = 59
        notes.append(f"{what}: the leap second is written as second 59")
    if hour > 23 or minute > 59 or second > 59:
        notes.append(f"{what}: '{match[0]}' has no such time of day; time left empty")
        return plain
    clock = f"{hour:02}{minute:02}" + (f"{second:02}" if match["second"] else "")
    clock += "." + match["fraction"][:6] if match["fraction"] else ""
    return Moment(replace(when, time=clock, offset=_offset(match["offset"], what, notes)), day)


def _offset(text: str | None, what: str, notes: list[str]) -> str:
    if text is None:
        notes.append(f"{what}: the time has no zone; offset left empty")
        return ""
    if text in "Zz":
        return "+0000"
    sign, digits = text[0], text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if not _EARLIEST <= (-minutes if sign == "-" else minutes) <= _LATEST or int(digits[2:]) > 59:
        notes.append(f"{what}: no zone is {text} from UTC; offset left empty")
        return ""
    return f"{sign}{digits}" if minutes else "+0000"
