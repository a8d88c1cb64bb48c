"""The record around a study: Conditions, Procedures, Observations, reports, encounters, devices as `model.Event`.

What the record itself takes back (entered in error, refuted, cancelled, not done) is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fhir2dicom.model import Code, Event, EventKind
from fhir2dicom.source.codes import code_words, codes
from fhir2dicom.source.references import Index, keys, own_key, reference_key
from fhir2dicom.source.values import Json, flag, items, number, objects, part, text

CONCLUSION_LIMIT = 4096
"""Characters kept of a report's conclusion."""

OBSERVATION_CODES = frozenset({
    "8302-2", "29463-7", "39156-5", "59576-9",  # height, weight, body mass index, its percentile
    "10230-1", "8806-2",  # left ventricular ejection fraction
    "71490-7", "71491-5", "79819-9", "79818-1",  # retinopathy and macular findings, left and right
    "72166-2", "38265-5",  # smoking, bone density
})  # fmt: skip
"""LOINC codes of the Observations that any study may need; others count only within the study's encounter."""

RECORD_TYPES = (
    "Condition", "Procedure", "Observation", "DiagnosticReport", "Encounter", "Device",
    "ServiceRequest", "ProcedureRequest", "BodyStructure",
)  # fmt: skip
"""Resource types that belong to one patient and are read beside the studies."""

SHARED_TYPES = ("Practitioner", "PractitionerRole", "Organization", "Location")
"""Resource types that patients share; read when a study or its encounter refers to them."""

_TAKEN_BACK = frozenset({
    "entered-in-error", "refuted", "cancelled", "not-done", "aborted", "preparation", "planned",
})  # fmt: skip
_UNSURE = frozenset({"unconfirmed", "provisional", "differential"})


@dataclass(frozen=True, slots=True)
class Record:
    """A patient's record, read once for all of the patient's studies."""

    index: Index
    """Each resource by every key it answers to, those that are no events (practitioners …) too."""
    events: tuple[Event, ...]
    """Oldest first."""


def read_record(resources: Sequence[Json]) -> Record:
    """Read resources in any order; what is no object, or of a type without events, only goes into the index."""
    index: dict[str, Json] = {}
    events: list[Event] = []
    for resource in resources:
        if isinstance(resource, dict):
            for key in keys(resource):
                index.setdefault(key, resource)
            events += _events(resource)
    return Record(index, tuple(sorted(events, key=_order)))


def _order(event: Event) -> tuple[Any, ...]:
    named = tuple((c.system, c.value, c.display) for c in event.codes)
    return event.start, event.kind, named, event.end, event.value, event.unit, event.encounter, event.status


def observation_matters(observation: Json) -> bool:
    """Say whether an Observation may matter to a study of any other encounter."""
    codings = objects(part(observation, "code", "coding"), 16)
    return any(text(c.get("code"), 64) in OBSERVATION_CODES for c in codings)


def _events(resource: Json) -> Iterator[Event]:
    reader = _READERS.get(text(resource.get("resourceType"), 64))
    if reader is None:
        return
    said = {code_words(resource.get("status")), code_words(resource.get("verificationStatus"))}
    if (
        not said & _TAKEN_BACK
        and not flag(resource.get("notPerformed"))
        and not flag(resource.get("notDone"))
    ):
        yield from reader(resource)


def _event(kind: EventKind, resource: Json, concept: Any, when: tuple[str, str], **more: Any) -> Event:
    status = more.pop("status", "") or code_words(resource.get("status"))
    encounter = reference_key(resource.get("encounter") or resource.get("context"), "Encounter")
    more.setdefault("encounter", encounter)
    return Event(kind, codes(concept), *when, status=status, **more)


def _when(resource: Json, *names: str) -> tuple[str, str]:
    """Return start and end: of the first of these elements that holds a Period, a date, or text."""
    for name in names:
        value = resource.get(name)
        if isinstance(value, dict):
            start, end = text(value.get("start"), 64), text(value.get("end"), 64)
            if start or end:
                return start, end
        elif start := text(value, 64):
            return start, ""
    return "", ""


def _condition(c: Json) -> Iterator[Event]:
    onset = _when(c, "onsetDateTime", "onsetPeriod", "recordedDate", "assertedDate", "dateRecorded")
    abated, until = _when(c, "abatementDateTime", "abatementPeriod")
    verified = code_words(c.get("verificationStatus"))
    status = verified if verified in _UNSURE else code_words(c.get("clinicalStatus"))
    sites = codes(c.get("bodySite"))
    when = (onset[0], abated or until or onset[1])
    yield _event("condition", c, c.get("code"), when, status=status, value_codes=sites)


def _procedure(p: Json) -> Iterator[Event]:
    when = _when(
        p, "performedPeriod", "performedDateTime", "occurrencePeriod", "occurrenceDateTime", "performedString"
    )
    yield _event("procedure", p, p.get("code"), when, value_codes=codes(p.get("bodySite")))


def _observation(o: Json) -> Iterator[Event]:
    when = _when(o, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")
    components = objects(o.get("component"), 64)
    if not components or any(k.startswith("value") for k in o):
        value, unit, found = _value(o)
        yield _event("observation", o, o.get("code"), when, value=value, unit=unit, value_codes=found)
    for component in components:
        value, unit, found = _value(component)
        yield _event("observation", o, component.get("code"), when, value=value, unit=unit, value_codes=found)


def _value(observation: Json) -> tuple[str, str, tuple[Code, ...]]:
    """Return an Observation's value as text, its unit (UCUM where given), and its codes."""
    name = next((k for k in sorted(observation) if k.startswith("value")), "")
    value = observation.get(name)
    if name == "valueQuantity":
        ucum = "unitsofmeasure" in text(part(value, "system"))
        unit = text(part(value, "code"), 64) if ucum else ""
        amount = part(value, "value")
        shown = text(part(value, "comparator"), 4) + text(amount, 64) if number(amount) is not None else ""
        return shown, unit or text(part(value, "unit"), 64), ()
    if name == "valueCodeableConcept":
        found = codes(value)
        return text(part(value, "text")) or next((c.display or c.value for c in found), ""), "", found
    said = flag(value)
    return (str(said).lower() if said is not None else text(value)), "", ()


def _report(r: Json) -> Iterator[Event]:
    when = _when(r, "effectiveDateTime", "effectivePeriod", "issued")
    found = codes([c for k in ("conclusionCode", "codedDiagnosis") for c in items(r.get(k))])
    yield _event(
        "report", r, r.get("code"), when, value=text(r.get("conclusion"), CONCLUSION_LIMIT), value_codes=found
    )


def _encounter(e: Json) -> Iterator[Event]:
    when = _when(e, "period", "actualPeriod")
    reasons = [r for k in ("reasonCode", "reason") for r in items(e.get(k))]
    reasons = [
        v for r in reasons for v in (items(r["value"]) if isinstance(r, dict) and "value" in r else [r])
    ]
    kind, own = e.get("type"), own_key(e)
    yield _event(
        "encounter",
        e,
        kind,
        when,
        value=code_words(e.get("class")),
        value_codes=codes(reasons),
        encounter=own,
    )


def _device(d: Json) -> Iterator[Event]:
    name = text(part(d, "deviceName", "name")) or text(part(d, "name", "value"))
    yield _event("device", d, d.get("type"), _when(d, "manufactureDate"), value=name)


_READERS: Mapping[str, Callable[[Json], Iterator[Event]]] = {
    "Condition": _condition,
    "Procedure": _procedure,
    "Observation": _observation,
    "DiagnosticReport": _report,
    "Encounter": _encounter,
    "Device": _device,
}
