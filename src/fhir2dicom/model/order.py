"""What FHIR said: holes allowed, nothing guessed. Filled by `source`, read by `plan`.

Dates and times stay the strings of the resource (``1979-03-28T11:52:54+00:00``, ``1979-03``, ``""``):
whether one can be used is decided in the plan, with a note.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

EventKind = Literal["condition", "procedure", "observation", "report", "encounter", "device"]


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept, e.g. ``Code("http://snomed.info/sct", "51185008", "Thoracic structure")``."""

    system: str
    value: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A business identifier; ``type`` is the v2-0203 code (``MR``, ``SS``, ``ACSN`` …) or empty."""

    system: str
    value: str
    type: str = ""
    use: str = ""
    assigner: str = ""


@dataclass(frozen=True, slots=True)
class HumanName:
    """A person's name in whatever script; ``text`` alone is common."""

    family: str = ""
    given: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    suffix: tuple[str, ...] = ()
    text: str = ""
    use: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """Who was imaged, as the Patient resource (or what an ImagingStudy's reference shows of it) says."""

    id: str
    """Logical id on this server; changes when the same files are loaded again, so never a seed."""
    identifiers: tuple[Identifier, ...] = ()
    names: tuple[HumanName, ...] = ()
    gender: str = ""
    """FHIR's male, female, other, unknown, or empty."""
    birth_date: str = ""
    deceased: str = ""
    """Date of death, or ``true`` when only that is known."""
    ancestry: tuple[Code, ...] = ()
    """US Core race, when the record has it."""
    known: bool = True
    """False when no Patient resource was found for the reference."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the record around a study."""

    kind: EventKind
    codes: tuple[Code, ...]
    start: str = ""
    end: str = ""
    """Abatement, or end of the period; empty while it lasts."""
    value: str = ""
    """An Observation's value as text (``172.4``, ``Ex-smoker``), a report's conclusion."""
    unit: str = ""
    encounter: str = ""
    """Reference to the Encounter, in the form that `StudyOrder.encounter` uses."""
    value_codes: tuple[Code, ...] = ()
    status: str = ""
    """Clinical or verification status; ``entered-in-error`` events are left out by `source`."""


@dataclass(frozen=True, slots=True)
class InstanceOrder:
    """One instance as FHIR lists it."""

    uid: str = ""
    sop_class: str = ""
    """SOP Class UID without ``urn:oid:``."""
    number: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class SeriesOrder:
    """One series as FHIR describes it."""

    uid: str = ""
    number: int | None = None
    modality: Code | None = None
    body_site: Code | None = None
    laterality: Code | None = None
    description: str = ""
    started: str = ""
    instances: tuple[InstanceOrder, ...] = ()
    instance_count: int | None = None
    performers: tuple[str, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Acquisition values from extensions, by DICOM keyword: EchoTime, RepetitionTime,
    MagneticFieldStrength, SliceThickness, PixelSpacing … Authoritative where present."""


@dataclass(frozen=True, slots=True)
class StudyOrder:
    """One ImagingStudy with what is known of its patient and the record around it."""

    id: str
    patient: Patient
    where: str = ""
    """Where it came from, for messages: ``ImagingStudy/17``, ``bundle.json entry 33``."""
    fhir_version: str = ""
    version_id: str = ""
    status: str = ""
    uids: tuple[str, ...] = ()
    """Every identifier that claims to be the Study Instance UID, without ``urn:oid:``, official ones first;
    checked in the plan."""
    identifiers: tuple[Identifier, ...] = ()
    accession: str = ""
    accession_issuer: str = ""
    started: str = ""
    modalities: tuple[Code, ...] = ()
    description: str = ""
    procedures: tuple[Code, ...] = ()
    reasons: tuple[Code, ...] = ()
    notes: tuple[str, ...] = ()
    referrer: str = ""
    interpreters: tuple[str, ...] = ()
    institution: str = ""
    location: str = ""
    encounter: str = ""
    series: tuple[SeriesOrder, ...] = ()
    series_count: int | None = None
    instance_count: int | None = None
    record: tuple[Event, ...] = ()
    """The patient's events, oldest first, of any date: the plan looks only at those before the study."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that could not be made, and why: the result that takes a study's place."""

    study: str
    """Id of the ImagingStudy, or empty when not even that could be read."""
    where: str
    message: str
    kind: Literal["unreadable", "not-made-yet", "cancelled", "not-an-image", "refused", "failed"] = (
        "unreadable"
    )
