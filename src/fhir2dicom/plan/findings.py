"""What is wrong with the patient on the day of the study, as far as somebody can draw it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from fhir2dicom.model import Event, FindingPlan, Laterality
from fhir2dicom.plan.catalog import FindingRow
from fhir2dicom.plan.sites import side_of
from fhir2dicom.plan.when import day_of
from fhir2dicom.seed import Seed

_ENDED = frozenset({"resolved", "inactive", "remission"})
_NOT_SO = frozenset({"refuted", "entered-in-error", "differential"})
_STAGE = re.compile(r"\bstage\s*(iv|iii|ii|i|[1-4])(?![a-z]*\w)?", re.IGNORECASE)
_STAGES: Mapping[str, float] = {
    "1": 0.25, "i": 0.25, "2": 0.5, "ii": 0.5, "3": 0.75, "iii": 0.75, "4": 1.0, "iv": 1.0,
}  # fmt: skip
_SUSPECTED = 0.1
"""Severity of what is not certain; a certain condition beside it counts instead."""
_DEGREES: Mapping[str, float] = {
    "mild": 0.3,
    "moderate": 0.6,
    "severe": 0.9,
    "minimal": 0.15,
    "massive": 1.0,
    "suspected": _SUSPECTED,
}


@dataclass(frozen=True, slots=True)
class _Found:
    """One condition that calls for a finding."""

    days: float | None
    severity: float | None
    side: Laterality


def findings_of(
    record: tuple[Event, ...],
    rows: tuple[FindingRow, ...],
    regions: frozenset[str],
    day: date | None,
    *,
    patient: Seed,
    notes: list[str],
) -> tuple[FindingPlan, ...]:
    """Return the findings that show in these regions on the day, each once, in the order of their names.

    ``patient`` is the patient's seed: what the record leaves open is drawn from it, so that all studies
    of a patient agree.
    """
    by_code = _codes(rows)
    found: dict[str, list[_Found]] = {}
    for event in record:
        if (
            event.kind == "condition"
            and (row := _row_of(event, by_code))
            and _shows(event, row, regions, day)
        ):
            found.setdefault(row.name, []).append(_read(event, day))
    return tuple(_plan(name, found[name], patient.child("finding", name), notes) for name in sorted(found))


@lru_cache(maxsize=8)
def _codes(rows: tuple[FindingRow, ...]) -> Mapping[str, FindingRow]:
    return {code: row for row in rows for code in row.snomed}


def _row_of(event: Event, by_code: Mapping[str, FindingRow]) -> FindingRow | None:
    return next((by_code[c.value] for c in event.codes if c.value in by_code), None)


def _shows(event: Event, row: FindingRow, regions: frozenset[str], day: date | None) -> bool:
    return not regions.isdisjoint(row.regions) and _active(event, day)


def _active(event: Event, day: date | None) -> bool:
    """Say whether a condition had begun and not ended; one that ended nobody knows when has ended."""
    if event.status in _NOT_SO:
        return False
    start, end = day_of(event.start) if event.start else None, day_of(event.end) if event.end else None
    if day is None:
        return end is None and event.status not in _ENDED
    if start is not None and start > day:
        return False
    return end >= day if end is not None else event.status not in _ENDED


def _read(event: Event, day: date | None) -> _Found:
    start = day_of(event.start) if event.start else None
    texts = (event.value, *(c.display for c in (*event.codes, *event.value_codes)))
    days = float((day - start).days) if day is not None and start is not None else None
    return _Found(days, _severity(texts), side_of(None, *texts))


def _severity(texts: Iterable[str]) -> float | None:
    for text in filter(None, texts):
        if stage := _STAGE.search(text):
            return _STAGES[stage[1].lower()]
        if degree := next((d for d in _DEGREES if d in text.lower()), ""):
            return _DEGREES[degree]
    return None


def _plan(name: str, found: list[_Found], seed: Seed, notes: list[str]) -> FindingPlan:
    known = [f.days for f in found if f.days is not None]
    told = max((f.severity for f in found if f.severity is not None), default=None)
    guessed = []
    if told is None or (told <= _SUSPECTED and any(f.severity is None for f in found)):
        told = round(seed.child("severity").uniform(0.35, 0.85), 3)
        guessed.append(f"severity {told:.2f}")
    side: Laterality = next((f.side for f in found if f.side), "")
    if not side:
        side = "L" if seed.child("side").uniform() < 0.5 else "R"
        guessed.append(f"side {side}")
    days = max(known, default=365.0)
    if not known:
        guessed.append("a year old")
    if guessed:
        notes.append(f"finding {name}: not in the record, so drawn: {', '.join(guessed)}")
    return FindingPlan(name, told, days, side)
