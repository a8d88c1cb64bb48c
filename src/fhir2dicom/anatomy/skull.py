"""The skull: films of the whole of it. The same vault as the head CT's; scene: `head_scene`."""

from __future__ import annotations

from collections.abc import Sequence

from fhir2dicom.anatomy import head_scene
from fhir2dicom.anatomy.head_scene import Skull
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code, Grown, Person
from fhir2dicom.seed import Seed


def skull(person: Person, seed: Seed, grown: Sequence[Grown]) -> Skull:
    """Build a patient's head, aimed at the skull."""
    return head_scene.build(person, seed, grown, "skull")


SKULL = Region(
    name="skull",
    body_part="SKULL",
    code=Code("http://snomed.info/sct", "89546000", "Bone structure of cranium"),
    snomed=frozenset({"89546000"}),
    words=("skull", "cranium", "calvaria", "schädel", "crâne", "cráneo", "crânio"),
    build=skull,
    seen_by=("DX",),
)
"""Skull, SKULL in PS3.16 Annex L."""
