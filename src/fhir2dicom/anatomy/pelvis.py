"""The pelvis from the front, both hips in the picture."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy.leg_pelvis import PelvisBody
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code, Grown, Person
from fhir2dicom.seed import Seed


def build(person: Person, seed: Seed, grown: Sequence[Grown]) -> PelvisBody:
    """Return a patient's pelvis."""
    return PelvisBody(person, seed, tuple(grown))


PELVIS = Region(
    name="pelvis",
    body_part="PELVIS",
    code=Code("http://snomed.info/sct", "12921003", "Pelvic structure"),
    snomed=frozenset(),
    words=(),
    build=build,
    seen_by=("DX",),
)
"""Pelvis: hip bones, sacrum, upper femora."""
