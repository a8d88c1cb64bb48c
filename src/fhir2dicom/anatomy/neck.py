"""The neck's bones: seven vertebrae and the hyoid, hung from the head, small as a child's neck is."""

from __future__ import annotations

from fhir2dicom.anatomy import bone
from fhir2dicom.anatomy.bone import Bone, load, thinned
from fhir2dicom.anatomy.skull_frame import Frame
from fhir2dicom.anatomy.tissues import between
from fhir2dicom.model import Person, Surface

VERTEBRAE = ("C1", "C2", "C3", "C4", "C5", "C6", "C7")
_FLESH = 1.05
_CORTEX = ((0.0, 0.6), (18.0, 1.0), (50.0, 1.0), (90.0, 0.6))
"""Thickness of the cortex by age, of the adult's (ours)."""


def bones(person: Person, frame: Frame) -> tuple[Bone, ...]:
    """Return the bones of the neck in the patient, mm."""
    stored, share = load("skull"), between(_CORTEX, person.age_years)
    rows = [stored[n] for n in (*VERTEBRAE, "hyoid")]
    return tuple(
        thinned(Bone(b.name, frame.place(b.vertices, 1.0), frame.place(b.inner, 1.0), b.triangles), share)
        for b in rows
    )


def surfaces(person: Person, frame: Frame) -> dict[str, Surface]:
    """Return the bones of the neck."""
    both = bone.surfaces(bones(person, frame), person, _FLESH)
    return {"bone_neck": both["bone"], "marrow_neck": both["marrow"]}
