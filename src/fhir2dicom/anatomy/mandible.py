"""The lower jaw: films of it, and of its joints. Geometry: `skull_jaw`, scene: `head_scene`."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy import head_scene
from fhir2dicom.anatomy.head_scene import Skull
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code, Grown, Person
from fhir2dicom.seed import Seed


def mandible(person: Person, seed: Seed, grown: Sequence[Grown]) -> Skull:
    """Build a patient's head, aimed at the jaw."""
    return head_scene.build(person, seed, grown, "mandible")


MANDIBLE = Region(
    name="mandible",
    body_part="JAW",
    code=Code("http://snomed.info/sct", "91609006", "Bone structure of mandible"),
    snomed=frozenset({"91609006", "661005", "53620006"}),  # mandible, jaw region, temporomandibular joint
    words=("mandible", "mandibular", "jaw", "temporomandibular", "unterkiefer", "mandibule", "mandíbula"),
    build=mandible,
    seen_by=("DX",),
)
"""Lower jaw. JAW (jaw region) and MANDIBLE are both in PS3.16 Annex L; verifiers know the older of the two."""
