"""The facial skeleton: orbits, sinuses, cheek bones, nose. Scene: `head_scene`."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy import head_scene
from fhir2dicom.anatomy.head_scene import Skull
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code, Grown, Person
from fhir2dicom.seed import Seed


def face(person: Person, seed: Seed, grown: Sequence[Grown]) -> Skull:
    """Build a patient's head, aimed at the face."""
    return head_scene.build(person, seed, grown, "face")


FACE = Region(
    name="face",
    body_part="FACE",
    code=Code("http://snomed.info/sct", "89545001", "Face structure"),
    snomed=frozenset({"89545001", "91397008", "74386004"}),  # face, facial bone, nasal bone
    words=("face", "facial", "facial bones", "nasal bone", "zygoma", "gesicht", "visage", "cara"),
    build=face,
    seen_by=("DX",),
)
"""Face and nasal bones, FACE in PS3.16 Annex L."""
