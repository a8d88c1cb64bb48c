"""A study: what FHIR said becomes what will be made, with a note for every guess. Read this one first.

    when.py      dates                     sites.py       part of the body (rows: places.py)
    person.py    the body that day         iods.py        storage object
    patient.py   the header's patient      protocols.py   acquisitions as rows
    uids.py      identities                views.py       which films of them
    sides.py     right or left             counts.py      how many instances
    findings.py  what is wrong             series.py      one series of all that

A study of which some series can be made and some cannot is made as far as it goes; the others are named
in the notes. When none can, the answer is a `Problem`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fhir2dicom.model import (
    Code,
    FindingPlan,
    Identifier,
    Laterality,
    Problem,
    SeriesOrder,
    SeriesPlan,
    StudyOrder,
    StudyPlan,
)
from fhir2dicom.plan.catalog import Catalog
from fhir2dicom.plan.counts import Slices
from fhir2dicom.plan.findings import Exam, findings_of
from fhir2dicom.plan.patient import patient_plan, person_key
from fhir2dicom.plan.person import person_of
from fhir2dicom.plan.protocols import procedure_name
from fhir2dicom.plan.series import MOST_SERIES, Choice, Desk, Gap, choose, default_series, plan_series
from fhir2dicom.plan.texts import LONG, SHORT, fit, printable
from fhir2dicom.plan.uids import Uids, bare, study_uid
from fhir2dicom.plan.when import Moment, day_of, moment
from fhir2dicom.seed import Seed

_CANCELLED = frozenset({"cancelled", "entered-in-error"})
_KINDS = ("not-made-yet", "unreadable", "not-an-image")
"""Of several reasons for making nothing, the first names the problem."""


def plan_study(
    order: StudyOrder, seed: str, catalog: Catalog, slices: Slices | None = None
) -> StudyPlan | Problem:
    """Decide everything about a study. Depends on its arguments only.

    ``slices`` is the configuration's ``slices_per_study``; used where FHIR is silent (see `counts`).
    """
    if order.status in _CANCELLED:
        return _problem(order, "cancelled", f"status is {order.status}: nothing was imaged")
    notes: list[str] = []
    chosen = _choices(order, catalog, notes)
    choices = [c for c in chosen if isinstance(c, Choice)]
    if not choices:
        return _nothing(order, [g for g in chosen if isinstance(g, Gap)])
    root = Seed(seed)
    key = person_key(order.patient, (*order.uids, order.id)[0], notes)
    uids = Uids()
    uid = study_uid(order, uids, root, key)
    started = _started(order, notes)
    patient = root.child("patient", key)
    findings = findings_of(
        order.record, catalog.findings, _exam(order, choices, started), patient=patient, notes=notes
    )
    desk = Desk(order, catalog, slices, root, uid, started.when, uids, notes, patient, findings)
    series = tuple(plan_series(desk, c) for c in choices)
    plan = _study(order, uid, seed, key, started, series, findings, notes)
    return replace(plan, notes=tuple(dict.fromkeys(map(printable, (*notes, *uids.close())))))


def _exam(order: StudyOrder, choices: Sequence[Choice], started: Moment) -> Exam:
    """Return what the study looks at; of a paired part with the side that FHIR gives."""
    sides: dict[str, Laterality] = {}
    for choice in choices:
        if choice.paired:
            sides[choice.site.region] = sides.get(choice.site.region) or choice.side
    regions = frozenset(c.site.region for c in choices)
    return Exam(regions, started.day, order.started, order.encounter, sides)


def _problem(order: StudyOrder, kind: str, message: str) -> Problem:
    return Problem(order.id, order.where or f"ImagingStudy/{order.id}", message, kind)  # type: ignore[arg-type]


def _nothing(order: StudyOrder, gaps: Sequence[Gap]) -> Problem:
    kind = next(k for k in _KINDS if any(g.kind == k for g in gaps))
    return _problem(order, kind, "; ".join(dict.fromkeys(g.message for g in gaps)))


def _choices(order: StudyOrder, catalog: Catalog, notes: list[str]) -> list[Choice | Gap]:
    """Return what each series is; those that cannot be made are named in the notes."""
    listed = order.series or default_series(order, catalog, notes)
    if order.series and (order.series_count or 0) > len(order.series):
        notes.append(f"study: {len(order.series)} of {order.series_count} series listed; only these are made")
    if len(listed) > MOST_SERIES:
        notes.append(f"study: {len(listed)} series; the first {MOST_SERIES} are made")
    numbers = series_numbers(listed[:MOST_SERIES], notes)
    found: list[Choice | Gap] = []
    for number, series in sorted(zip(numbers, listed[:MOST_SERIES], strict=True), key=lambda p: p[0]):
        own: list[str] = []
        chosen = choose(order, series, number, catalog, own)
        notes.extend(own if isinstance(chosen, Choice) else [f"series {number}: left out, {chosen.message}"])
        found.append(chosen)
    return found


def series_numbers(listed: Sequence[SeriesOrder], notes: list[str]) -> list[int]:
    """Return a Series Number for each series, all different: FHIR's own where it can be."""
    taken: set[int] = set()
    numbers: list[int | None] = []
    for series in listed:
        number = series.number
        usable = number is not None and 0 <= number < 2**31 and number not in taken
        if number is not None and not usable:
            notes.append(f"study: series number {number} is wrong or repeated; renumbered")
        numbers.append(number if usable else None)
        if usable and number is not None:
            taken.add(number)
    free = (n for n in range(1, len(listed) + len(taken) + 2) if n not in taken)
    return [next(free) if n is None else n for n in numbers]


def _started(order: StudyOrder, notes: list[str]) -> Moment:
    """Return the study's moment: its own, else its earliest series'; never a made-up one."""
    own = moment(order.started, "started", notes)
    if not own.when.date:
        dated = sorted((m for s in order.series if (m := moment(s.started, "", [])).when.date), key=_time)
        if dated:
            notes.append("study: no usable date of its own; that of its earliest series taken")
            return dated[0]
        notes.append("study: no date; Study Date left empty")
    death = day_of(order.patient.deceased) if order.patient.deceased not in {"", "true", "false"} else None
    if death is not None and own.day is not None and own.day > death:
        notes.append(f"study: on {own.day}, after the patient's death on {death}; kept")
    return own


def _time(found: Moment) -> tuple[str, str]:
    return found.when.date, found.when.time


def _study(
    order: StudyOrder,
    uid: str,
    seed: str,
    key: str,
    started: Moment,
    series: tuple[SeriesPlan, ...],
    findings: tuple[FindingPlan, ...],
    notes: list[str],
) -> StudyPlan:
    root = Seed(seed)
    patient = patient_plan(order.patient, key, root, notes)
    person = person_of(order.patient, key, patient.sex, started.day, order.record, seed=root, notes=notes)
    return StudyPlan(
        id=order.id if order.id.isascii() else printable(order.id),
        uid=uid,
        seed=seed,
        patient=patient,
        person=person,
        started=started.when,
        study_id=_study_id(order, uid, root, notes),
        accession=_accession(order, notes),
        accession_issuer=printable(order.accession_issuer)[:LONG],
        description=_description(order, series, notes),
        procedures=tuple(map(_code, order.procedures)),
        reasons=tuple(map(_code, order.reasons)),
        referrer=printable(order.referrer),
        readers=tuple(filter(None, map(printable, order.interpreters))),
        institution=fit(order.institution or order.location, LONG, "institution", notes),
        department=fit(order.location, LONG, "department", notes) if order.institution else "",
        series=series,
        findings=findings,
    )


def _code(code: Code) -> Code:
    return Code(printable(code.system), printable(code.value), printable(code.display))


def _study_id(order: StudyOrder, uid: str, root: Seed, notes: list[str]) -> str:
    """Return the Study ID: the first identifier that is neither a UID nor the accession number, else a number.

    It may be empty, but a DICOMDIR needs it (PS3.3 F.5.2), so studies must have one to go on a disc.
    """
    claimed = {bare(u) for u in order.uids}

    def is_other(i: Identifier) -> bool:
        claims_uid = bare(i.value) in claimed or i.value.lower().startswith("urn:")
        return i.type != "ACSN" and i.value != order.accession and not claims_uid

    others = sorted((i.value for i in order.identifiers if is_other(i)), key=lambda v: len(v) > SHORT)
    if not others:
        notes.append("study: no Study ID; a number made of its UID")
        return f"{root.child('study id', uid).integer(10**8):08d}"
    return fit(others[0], SHORT, "Study ID", notes)


def _accession(order: StudyOrder, notes: list[str]) -> str:
    """Return the Accession Number; of one that is too long the end, where such numbers differ."""
    whole = fit(order.accession, 10**6, "accession number", notes)
    if len(whole) > SHORT:
        notes.append(
            f"study: accession number '{whole[:60]}' is longer than {SHORT} characters; its end is kept"
        )
    return whole[-SHORT:].lstrip()


def _description(order: StudyOrder, series: tuple[SeriesPlan, ...], notes: list[str]) -> str:
    if order.description:
        return fit(order.description, LONG, "Study Description", notes)
    if name := procedure_name(order.procedures):
        return fit(name, LONG, "Study Description", notes)
    made = f"{series[0].modality} {series[0].body_part or series[0].region}"
    notes.append(f"study: neither description nor procedure; described as '{made}'")
    return made
