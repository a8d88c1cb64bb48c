"""What will be made: nothing left to decide. Filled by `plan`; plain data that can be saved and read back.

Everything downstream depends on a plan and on nothing else, so a plan made here can be carried out
in another process, on another machine, or when somebody asks for a frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fhir2dicom.model.order import Code, HumanName, Identifier

Sex = Literal["M", "F", "O", ""]
Laterality = Literal["R", "L", "B", ""]


@dataclass(frozen=True, slots=True)
class When:
    """A moment in DICOM's own text: DA ``19790328``, TM ``115254``, offset ``+0000``; each may be empty."""

    date: str = ""
    time: str = ""
    offset: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """The patient's body on the day of the study. Every guess in it has a note in the plan."""

    key: str
    """Names the body: equal keys, equal anatomy. Made of business identifiers, never of server ids."""
    sex: Sex
    age_years: float
    height_m: float
    weight_kg: float
    ancestry: str = ""

    @property
    def bmi(self) -> float:
        """Return the body mass index in kg/m²."""
        return self.weight_kg / self.height_m**2


@dataclass(frozen=True, slots=True)
class PatientPlan:
    """The patient as the header shows them."""

    id: str
    """Patient ID (0010,0020)."""
    issuer: str
    name: HumanName
    birth_date: str
    """DA or empty."""
    sex: Sex
    other_ids: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Protocol:
    """One acquisition as a department sets it up; rows of `plan.protocols`.

    Where the body lies in it (field of view, table position) is settled by `acquire`, which sees the body.
    """

    name: str
    modality: str
    region: str
    rows: int
    columns: int
    frames: int = 1
    """How many, when neither FHIR nor the settings say."""
    description: str = ""
    """Series Description when FHIR has none."""
    view: str = ""
    """View Position of a film (PA, AP, LL), echo window, plane of a stack (AX, SAG, COR)."""
    pose: str = ""
    """How the patient stands or lies: ``supine``, ``arms-down``, ``arms-up``."""
    contrast: str = ""
    """Contrast phase: empty, ``arterial``, ``portal-venous``."""
    kernel: str = ""
    """Reconstruction kernel of a CT: ``soft``, ``lung``, ``bone``, ``head``."""
    settings: Mapping[str, float] = field(default_factory=dict)
    """Numbers that only this physics knows, unit in the name: kvp, thickness_mm, sid_mm, te_ms …"""


@dataclass(frozen=True, slots=True)
class InstancePlan:
    """One SOP instance: its identity."""

    uid: str
    number: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """One call of `Modality.acquire`, and the instances its frames become.

    As many instances as frames: one frame each (a CT stack; a film is a stack of one).
    One instance and several frames: a multi-frame object (a cine, an OCT volume).
    """

    protocol: Protocol
    laterality: Laterality
    frames: int
    instances: tuple[InstancePlan, ...]


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """One series, fully decided."""

    uid: str
    number: int
    modality: str
    """Modality (0008,0060) as written: may differ from FHIR's, with a note."""
    sop_class: str
    physics: str
    """Name of the `Modality` plug that makes it."""
    region: str
    body_part: str
    """Body Part Examined (0018,0015), CS."""
    body_site: Code
    laterality: Laterality
    frame_of_reference_uid: str
    description: str
    started: When
    shots: tuple[Shot, ...]
    performers: tuple[str, ...] = ()

    @property
    def instance_count(self) -> int:
        """Return how many files the series is."""
        return sum(len(s.instances) for s in self.shots)


@dataclass(frozen=True, slots=True)
class FindingPlan:
    """One finding that shows in the study; drawn from the patient, so every study agrees on it."""

    name: str
    severity: float = 1.0
    """0 … 1, what it means is the finding's own."""
    days: float = 0.0
    """How long it has been there on the day of the study."""
    laterality: Laterality = ""
    count: int = 1
    """How many entries of the record call for it: as many teeth as were pulled, one by one."""


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """One study, fully decided, with a note for every guess."""

    id: str
    """ImagingStudy.id; names the folder. Never a seed."""
    uid: str
    seed: str
    """Root of all draws."""
    patient: PatientPlan
    person: Person
    started: When
    study_id: str
    """Study ID (0020,0010), SH."""
    accession: str
    accession_issuer: str
    description: str
    procedures: tuple[Code, ...]
    reasons: tuple[Code, ...]
    referrer: str
    readers: tuple[str, ...]
    institution: str
    department: str
    series: tuple[SeriesPlan, ...]
    findings: tuple[FindingPlan, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def instance_count(self) -> int:
        """Return how many files the study is."""
        return sum(s.instance_count for s in self.series)

    @property
    def pixel_bytes(self) -> int:
        """Return the size of all stored pixels, two bytes each, three in colour being the exception of `physics`."""
        return sum(2 * h.frames * h.protocol.rows * h.protocol.columns for s in self.series for h in s.shots)
