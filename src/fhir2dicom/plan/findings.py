"""What is wrong with the patient on the day of the study, as far as somebody can draw it.

A Condition shows while it is active. What was done (a Procedure), put in (a Device), or is a "history of" something
shows from then on, if it was there before the picture was taken: the cast comes after the film of the break. What the
study's own encounter diagnoses is what the study found, however late it was written down.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from fhir2dicom.model import Event, FindingPlan, Laterality
from fhir2dicom.plan.catalog import FindingRow
from fhir2dicom.plan.sides import OTHER, REMOVALS, drawn_side
from fhir2dicom.plan.sites import side_of
from fhir2dicom.plan.when import day_of, is_before
from fhir2dicom.seed import Seed

_ENDED = frozenset({"resolved", "inactive", "remission"})
_NOT_SO = frozenset({"refuted", "entered-in-error", "differential"})
_NOT_DONE = frozenset({"stopped", "on-hold", "not-done", "entered-in-error", "inactive"})
"""Of a Procedure, and of a Device that was taken out."""
_HISTORY = ("history of", "status post", "zustand nach", "z.n.", "antécédent", "antecedente")
_GENERIC: Mapping[str, tuple[str, ...]] = {"125605004": ("fracture", "fraktur", "fractura", "frattura")}
"""Codes that say what and not where, and the words of the codes that stand beside them and say where."""
_SAME_VISIT_DAYS = 1
"""A visit may end after midnight."""
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
class Exam:
    """What a study looks at, and when."""

    regions: frozenset[str]
    day: date | None
    started: str = ""
    """FHIR's text: the clock decides what came first on one day."""
    encounter: str = ""
    sides: Mapping[str, Laterality] = field(default_factory=dict)
    """The paired parts among the regions: the side that FHIR gives, or nothing."""


@dataclass(frozen=True, slots=True)
class _Found:
    """One entry of the record that calls for a finding."""

    days: float | None
    severity: float | None
    side: Laterality
    done: bool
    """It was done or put in, and does not grow: of several the last counts."""


def findings_of(
    record: tuple[Event, ...], rows: tuple[FindingRow, ...], exam: Exam, *, patient: Seed, notes: list[str]
) -> tuple[FindingPlan, ...]:
    """Return the findings that show in an exam, each once, in the order of their names.

    ``patient`` is the patient's seed: what the record leaves open is drawn from it, so that all studies
    of a patient agree.
    """
    by_code = _codes(rows)
    called = [(event, by_code[c.value]) for event in record for c in event.codes if c.value in by_code]
    found: dict[str, list[_Found]] = {}
    known: dict[str, FindingRow] = {}
    for event, row in dict.fromkeys(called):
        if not exam.regions.isdisjoint(row.regions) and _shows(event, exam) and not _vague(event, record):
            found.setdefault(row.name, []).append(_read(event, exam.day))
            known[row.name] = row
    return tuple(_plan(known[name], found[name], exam, patient, notes) for name in sorted(found))


@lru_cache(maxsize=8)
def _codes(rows: tuple[FindingRow, ...]) -> Mapping[str, FindingRow]:
    return {code: row for row in rows for code in row.snomed}


def _shows(event: Event, exam: Exam) -> bool:
    """Say whether what an entry speaks of is there when the picture is taken."""
    if event.kind == "condition":
        return _remembered(event, exam) if _is_history(event) else _active(event, exam)
    return (
        event.kind in {"procedure", "device"} and event.status not in _NOT_DONE and _remembered(event, exam)
    )


def _is_history(event: Event) -> bool:
    return any(c.display.casefold().startswith(_HISTORY) for c in event.codes)


def _remembered(event: Event, exam: Exam) -> bool:
    """Say whether something that stays was done before; of an implant without a date, that it was."""
    if event.status in _NOT_SO:
        return False
    done = event.end or event.start if event.kind == "procedure" else event.start
    if exam.day is None or not done:
        return exam.day is None or event.kind == "device"
    if exam.started:
        return is_before(done, exam.started)
    day = day_of(done)
    return day is not None and day < exam.day


def _active(event: Event, exam: Exam) -> bool:
    """Say whether a condition had begun and not ended; one that ended nobody knows when has ended."""
    if event.status in _NOT_SO:
        return False
    start, end = day_of(event.start) if event.start else None, day_of(event.end) if event.end else None
    if exam.day is None:
        return end is None and event.status not in _ENDED
    if start is not None and (start - exam.day).days > (_SAME_VISIT_DAYS if _same_visit(event, exam) else 0):
        return False
    return end >= exam.day if end is not None else event.status not in _ENDED


def _same_visit(event: Event, exam: Exam) -> bool:
    return bool(event.encounter) and event.encounter == exam.encounter


def _vague(event: Event, record: tuple[Event, ...]) -> bool:
    """Say whether an entry only repeats what another of the same visit or moment says better."""
    words = next((_GENERIC[c.value] for c in event.codes if c.value in _GENERIC), ())
    return bool(words) and any(
        other.kind == "condition"
        and not any(c.value in _GENERIC for c in other.codes)
        and any(w in c.display.casefold() for c in other.codes for w in words)
        and (other.start == event.start or (bool(event.encounter) and other.encounter == event.encounter))
        for other in record
    )


def _read(event: Event, day: date | None) -> _Found:
    start = day_of(event.start) if event.start else None
    texts = (event.value, *(c.display for c in (*event.codes, *event.value_codes)))
    days = float((day - start).days) if day is not None and start is not None else None
    return _Found(days, _severity(texts), side_of(None, *texts), event.kind != "condition")


def _severity(texts: Iterable[str]) -> float | None:
    for text in filter(None, texts):
        if stage := _STAGE.search(text):
            return _STAGES[stage[1].lower()]
        if degree := next((d for d in _DEGREES if d in text.lower()), ""):
            return _DEGREES[degree]
    return None


def _plan(row: FindingRow, found: list[_Found], exam: Exam, patient: Seed, notes: list[str]) -> FindingPlan:
    seed = patient.child("finding", row.name)
    ills = [f.days for f in found if f.days is not None and not f.done]
    deeds = [f.days for f in found if f.days is not None and f.done]
    told = max((f.severity for f in found if f.severity is not None), default=None)
    guessed = []
    if told is None or (told <= _SUSPECTED and any(f.severity is None for f in found)):
        told = round(seed.child("severity").uniform(0.35, 0.85), 3)
        guessed.append(f"severity {told:.2f}")
    said = {f.side for f in found if f.side}
    side: Laterality = "B" if len(said) > 1 else next(iter(said), "")
    if not side:
        side, why = _side(row, exam, seed, patient)
        guessed.append(f"side {side}{why}")
    days = max(ills, default=min(deeds, default=365.0))
    if not ills and not deeds:
        guessed.append("a year old")
    if guessed:
        notes.append(f"finding {row.name}: not in the record, so drawn: {', '.join(guessed)}")
    return FindingPlan(row.name, told, days, side, len(found))


def _side(row: FindingRow, exam: Exam, seed: Seed, patient: Seed) -> tuple[Laterality, str]:
    """Return the side of a finding that the record leaves open: that of the part that was filmed for it, else drawn."""
    pairs = [r for r in row.regions if r in exam.sides]
    given: tuple[Laterality, ...] = tuple(exam.sides[r] for r in pairs if exam.sides[r] in {"R", "L"})
    if given and row.name in REMOVALS:
        return OTHER[given[0]], " as the part that is not filmed"
    if given:
        return given[0], " as the part that is filmed"
    if pairs:
        return drawn_side(pairs[0], patient), ""
    return ("L" if seed.child("side").uniform() < 0.5 else "R"), ""
