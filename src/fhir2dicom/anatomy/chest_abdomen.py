"""Chest and abdomen in one: all that the torso atlas holds, lung apices to the third lumbar vertebra."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy.region import Region
from fhir2dicom.anatomy.torso import Torso, build
from fhir2dicom.model import Code, Grown, Person
from fhir2dicom.seed import Seed

SPAN_MM = (2.0, 328.0)


def chest_abdomen(person: Person, seed: Seed, grown: Sequence[Grown]) -> Torso:
    """Build a patient's chest and upper abdomen; the pelvis is not in the atlas."""
    return build(person, seed, grown, SPAN_MM)


CHEST_ABDOMEN = Region(
    name="chest-abdomen",
    body_part="CHESTABDOMEN",
    code=Code("http://snomed.info/sct", "416550000", "Chest and abdomen"),
    snomed=frozenset({
        # body sites
        "416550000",  # chest and abdomen
        "416775004",  # chest, abdomen and pelvis
        "732167000",  # entire chest and abdomen and pelvis
        "22943007",  # trunk
        # procedures
        "418023006",  # CT of chest, abdomen and pelvis
        "418891003",  # CT of chest and abdomen
        "429864007",  # CT of chest and abdomen with contrast
        "433761009",  # CT of chest, abdomen and pelvis with contrast
    }),
    words=("chest and abdomen", "chest abdomen", "chest, abdomen", "chest/abdomen", "thorax and abdomen",
           "thorax abdomen", "chest abdomen pelvis", "cap", "trunk", "torso", "thorax und abdomen",
           "thorax et abdomen", "tórax y abdomen"),
    build=chest_abdomen,
)  # fmt: skip
"""Chest and abdomen, CHESTABDOMEN in PS3.16 Annex L."""
