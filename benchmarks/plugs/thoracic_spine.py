"""The thoracic spine: the torso between the two ends of it."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy.region import Region
from fhir2dicom.anatomy.torso import Torso, build
from fhir2dicom.model import Code, Person, Shape
from fhir2dicom.seed import Seed


def thoracic_spine(person: Person, seed: Seed, shapes: Sequence[Shape]) -> Torso:
    """Build a patient's thoracic spine."""
    return build(person, seed, shapes, (90.0, 320.0))


THORACIC_SPINE = Region(
    name="thoracic-spine",
    body_part="TSPINE",
    code=Code("http://snomed.info/sct", "122495006", "Thoracic spine structure"),
    snomed=frozenset({"122495006"}),
    words=("thoracic spine",),
    build=thoracic_spine,
    seen_by=("CT",),
)
