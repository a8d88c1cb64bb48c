"""The abdomen: from above the domes of the diaphragm to the third lumbar vertebra, where the donor's scan ends."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy.lower_torso import LowerTorso, lower
from fhir2dicom.anatomy.region import Region
from fhir2dicom.anatomy.torso import build
from fhir2dicom.model import Code, Grown, Person
from fhir2dicom.seed import Seed

SPAN_MM = (2.0, 172.0)


def abdomen(person: Person, seed: Seed, grown: Sequence[Grown]) -> LowerTorso:
    """Build a patient's abdomen; sections end at the third lumbar vertebra, films show the pelvis too."""
    return lower(build(person, seed, grown, SPAN_MM))


ABDOMEN = Region(
    name="abdomen",
    body_part="ABDOMEN",
    code=Code("http://snomed.info/sct", "113345001", "Abdominal structure"),
    snomed=frozenset({
        # body sites
        "113345001",  # abdominal structure
        "818981001",  # abdomen
        "302553009",  # entire abdomen
        "50519007",  # right upper quadrant
        "86367003",  # left upper quadrant
        "10200004",  # liver
        "78961009",  # spleen
        "64033007",  # kidney
        "15776009",  # pancreas
        "28231008",  # gallbladder
        "80581009",  # upper abdomen
        # procedures
        "169070004",  # CT of abdomen
        "32962002",  # CT of abdomen with contrast
        "396101000119105",  # CT of abdomen without contrast
        "419394006",  # CT of abdomen and pelvis
        "241549007",  # CT of liver
    }),
    words=("abdomen", "abdominal", "abdomens", "belly", "liver", "kidney", "kidneys", "spleen", "pancreas", "bauch",
           "oberbauch", "ventre", "foie", "hígado", "riñón", "buik", "addome", "abdômen", "腹部", "живот"),
    build=abdomen,
    seen_by=("DX",),
)  # fmt: skip
"""Abdomen, ABDOMEN in PS3.16 Annex L."""
