"""The lumbar spine: from the eleventh thoracic vertebra to the sacrum, as films of it show it."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy.lower_torso import LowerTorso, lower
from fhir2dicom.anatomy.region import Region
from fhir2dicom.anatomy.torso import build
from fhir2dicom.model import Code, Grown, Person
from fhir2dicom.seed import Seed

SPAN_MM = (2.0, 172.0)
"""Of sections, atlas mm: those of the abdomen, for the donor's scan ends at the third lumbar vertebra."""


def lumbar_spine(person: Person, seed: Seed, grown: Sequence[Grown]) -> LowerTorso:
    """Build the trunk round a patient's lumbar spine."""
    return lower(build(person, seed, grown, SPAN_MM))


LUMBAR_SPINE = Region(
    name="lumbar-spine",
    body_part="LSPINE",
    code=Code("http://snomed.info/sct", "122496007", "Lumbar spine structure"),
    snomed=frozenset({
        "122496007",  # lumbar spine structure
        "1217253001",  # lumbosacral spine
    }),
    words=("lumbar spine", "lumbar", "lumbosacral spine", "l-spine", "lspine", "lws", "lendenwirbelsäule", "lombaire",
           "columna lumbar", "腰椎"),
    build=lumbar_spine,
    seen_by=("DX",),
)  # fmt: skip
"""Lumbar spine, LSPINE in PS3.16 Annex L."""
