"""The neck's bones: seven vertebrae and the hyoid, hung from the head, small as a child's neck is."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from fhir2dicom.anatomy import bone
from fhir2dicom.anatomy.bone import Bone, joined, load, thinned
from fhir2dicom.anatomy.skull_frame import Frame
from fhir2dicom.anatomy.tissues import between
from fhir2dicom.model import Person, Surface

VERTEBRAE = ("C1", "C2", "C3", "C4", "C5", "C6", "C7")
_FLESH = 1.05
_SPONGY = 0.88
"""How much less the marrow of cervical bodies differs from cortex than a lumbar one's: they are the densest of the spine
(CT numbers about 300 against 150 HU; Yoganandan et al., Bone 39:413, 2006)."""
_CORTEX = ((0.0, 0.6), (18.0, 1.0), (50.0, 1.0), (90.0, 0.6))
"""Thickness of the cortex by age, of the adult's (ours)."""


def bones(person: Person, frame: Frame) -> tuple[Bone, ...]:
    """Return the bones of the neck in the patient, mm."""
    whole = _column()
    both = frame.place(np.concatenate([whole.vertices, whole.inner]), 1.0)
    n = len(whole.vertices)
    placed = Bone("neck", both[:n], both[n:], whole.triangles)
    return (thinned(placed, between(_CORTEX, person.age_years)),)


@cache
def _column() -> Bone:
    """Return all bones of the neck as one, atlas mm."""
    stored = load("skull")
    return joined(stored[name] for name in (*VERTEBRAE, "hyoid"))


def surfaces(person: Person, frame: Frame) -> dict[str, Surface]:
    """Return the bones of the neck."""
    both = bone.surfaces(bones(person, frame), person, _FLESH)
    dense = replace(both["marrow"], weight=both["marrow"].weight * _SPONGY)
    return {"bone_neck": both["bone"], "marrow_neck": dense}
