"""Bones: what regions build with. Meshes in `bone_mesh`, cuts in `bone_cut`, growth in `bone_growth`."""

from fhir2dicom.anatomy.bone_cut import cut
from fhir2dicom.anatomy.bone_growth import Centre, Plate, age_of, centres, grown, nucleus, plates
from fhir2dicom.anatomy.bone_mesh import (
    F32,
    I32,
    Bone,
    Matrix34,
    bumps,
    joined,
    load,
    meshes,
    mirrored,
    moved,
    surfaces,
    thinned,
    transformed,
    turned,
    volume_mm3,
    weights,
)

__all__ = [
    "F32",
    "I32",
    "Bone",
    "Centre",
    "Matrix34",
    "Plate",
    "age_of",
    "bumps",
    "centres",
    "cut",
    "grown",
    "joined",
    "load",
    "meshes",
    "mirrored",
    "moved",
    "nucleus",
    "plates",
    "surfaces",
    "thinned",
    "transformed",
    "turned",
    "volume_mm3",
    "weights",
]
