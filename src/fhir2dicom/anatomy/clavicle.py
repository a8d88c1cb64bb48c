"""The clavicle, from the breast bone to the shoulder."""

from __future__ import annotations

from fhir2dicom.anatomy.arm_trunk import Shoulder
from fhir2dicom.anatomy.region import Region
from fhir2dicom.anatomy.shoulder import build, middle
from fhir2dicom.model import Code, Vec3


def _frame(found: Shoulder, pose: str) -> tuple[Vec3, tuple[float, float]]:  # noqa: ARG001  one pose
    """Aim at the middle of the bone."""
    x, y, z = (float(c) for c in middle(found))
    v = found.collar.vertices
    wide = float(v[:, 0].max()) - float(v[:, 0].min())
    return (x - 0.07 * wide, y, z - 0.04 * wide), (1.38 * wide, 0.86 * wide)


CLAVICLE = Region(
    name="clavicle",
    body_part="CLAVICLE",
    code=Code("http://snomed.info/sct", "51299004", "Bone structure of clavicle"),
    snomed=frozenset(),
    words=(),
    build=build(_frame),
    seen_by=("DX",),
    paired=True,
)
"""Clavicle with both its joints."""
