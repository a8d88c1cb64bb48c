"""The axilla: the torso between the heights of the two folds of it."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy.region import Region
from fhir2dicom.anatomy.torso import Torso, build
from fhir2dicom.model import Code, Grown, Person
from fhir2dicom.seed import Seed


def axilla(person: Person, seed: Seed, grown: Sequence[Grown]) -> Torso:
    """Build a patient's torso at the height of the axilla."""
    return build(person, seed, grown, (90.0, 320.0))


AXILLA = Region(
    name="axilla",
    body_part="AXILLA",
    code=Code("http://snomed.info/sct", "91470000", "Axillary region structure"),
    snomed=frozenset({"91470000"}),
    words=("axilla",),
    build=axilla,
    seen_by=("CT",),
)
