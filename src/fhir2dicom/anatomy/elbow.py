"""The elbow."""

from __future__ import annotations

from fhir2dicom.anatomy.arm import Arm, posed
from fhir2dicom.anatomy.arm_body import apart, build
from fhir2dicom.anatomy.arm_parts import LONG
from fhir2dicom.anatomy.flesh import Turn
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code, Vec3

AXIS: Vec3 = (1.0, 0.0494, -0.0366)
"""The elbow's axis in the atlas; a positive turn brings the forearm to the front."""


def bend(limb: Arm, degrees: float) -> Turn:
    """Return the turn that bends the elbow."""
    return Turn("elbow", limb.at["elbow"], AXIS, degrees)


def lay(limb: Arm, pose: str) -> tuple[Arm, Vec3, tuple[float, float]]:
    """Lay the elbow straight (``ap``) or bent by a right angle (``lateral``)."""
    at = limb.at
    long = apart(at["shoulder"], at["elbow"])
    if pose == "lateral":
        laid = posed(limb, [bend(limb, -90.0)])
        x, y, z = at["elbow"]
        return laid, (x, y - 0.07 * long, z + 0.06 * long), (0.56 * long, 0.56 * long)
    x, y, z = at["elbow"]
    return limb, (x - 0.01 * long, y, z), (0.44 * long, 0.66 * long)


ELBOW = Region(
    name="elbow",
    body_part="ELBOW",
    code=Code("http://snomed.info/sct", "127949000", "Elbow region structure"),
    snomed=frozenset(),
    words=(),
    build=build(lay, LONG),
    seen_by=("DX",),
    paired=True,
)
"""Elbow joint with the adjoining thirds of upper arm and forearm."""
