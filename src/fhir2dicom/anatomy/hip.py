"""One hip."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy.leg_pelvis import PelvisBody
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code, Grown, Person
from fhir2dicom.seed import Seed


def build(person: Person, seed: Seed, grown: Sequence[Grown]) -> PelvisBody:
    """Return a patient's pelvis, to be filmed at one hip."""
    return PelvisBody(person, seed, tuple(grown), one=True)


HIP = Region(
    name="hip",
    body_part="HIP",
    code=Code("http://snomed.info/sct", "29836001", "Hip region structure"),
    snomed=frozenset(),
    words=(),
    build=build,
    seen_by=("DX",),
    paired=True,
)
"""Hip: socket, head and neck of the femur, trochanters."""
