"""The mouth: teeth and the jaw bone about them, for films taken inside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fhir2dicom.anatomy.mouth_edits import Draft, edited
from fhir2dicom.anatomy.mouth_teeth import dentition
from fhir2dicom.anatomy.region import Plain, Region
from fhir2dicom.errors import PlanError
from fhir2dicom.model import Body, Box, Code, Grown, Person
from fhir2dicom.model.mouth import Mouth
from fhir2dicom.seed import Seed, film_side

YOUNGEST_YEARS = 1.0
"""Before that there is next to no tooth to see, and nobody takes a film inside the mouth."""


@dataclass(frozen=True, eq=False)
class Jaws(Plain):
    """Teeth in their places."""

    person: Person
    teeth: Mouth

    @property
    def field(self) -> Box:
        """Return the arches' box: mm from the midline, from the incisors backwards, from the plane of the bite."""
        return Box((-35.0, 0.0, -30.0), (35.0, 55.0, 30.0))

    def mouth(self) -> Mouth:
        """Return the teeth."""
        return self.teeth


def build(person: Person, seed: Seed, grown: Sequence[Grown]) -> Body:
    """Return the patient's teeth on the day of the study.

    Raises
    ------
    PlanError
        The patient is too young to have teeth.
    """
    if person.age_years < YOUNGEST_YEARS:
        raise PlanError(
            "mouth", f"no teeth to see at {person.age_years * 12:.0f} months: films are made from one year on"
        )
    own = seed.child("mouth")
    teeth, spaces, shared = dentition(person, own)
    first = film_side("mouth", seed)
    draft = edited(Draft(person.age_years, teeth, spaces, first=first), grown, own)
    density = 0.88 + 0.26 * own.child("density").uniform()
    density -= max(0.0, person.age_years - 50.0) * 0.004 * (1.6 if person.sex == "F" else 1.0)
    return Jaws(
        person,
        Mouth(
            key=own.child("bone").key(),
            age_years=shared.age,
            teeth=draft.teeth,
            spaces=tuple(sorted(draft.spaces, key=lambda s: s.fdi)),
            density=round(density, 3),
            coarseness=round(own.child("net").uniform(0.75, 1.25), 3),
            sinus_mm=round(12.5 + own.child("sinus").normal(0.0, 2.0) + max(0.0, 14.0 - shared.age) * 0.7, 2),
            torus_mm=draft.torus_mm,
        ),
    )


MOUTH = Region(
    name="mouth",
    body_part="MOUTH",
    code=Code("http://snomed.info/sct", "123851003", "Mouth"),
    snomed=frozenset({"700016008", "123851003", "241046008", "38199008", "28035005"}),
    words=(
        "mouth",
        "bitewing",
        "bite wing",
        "periapical",
        "intraoral",
        "intra-oral",
        "dental",
        "tooth",
        "teeth",
    ),
    build=build,
)
"""Intra-oral films."""
