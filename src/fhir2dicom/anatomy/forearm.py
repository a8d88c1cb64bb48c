"""The forearm."""

from __future__ import annotations

from fhir2dicom.anatomy.arm import Arm, moved, posed
from fhir2dicom.anatomy.arm_body import apart, between, build
from fhir2dicom.anatomy.arm_parts import NEAR
from fhir2dicom.anatomy.bone import transformed, turned
from fhir2dicom.anatomy.elbow import bend
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code, Vec3


def lay(limb: Arm, pose: str) -> tuple[Arm, Vec3, tuple[float, float]]:
    """Lay the forearm with both joints; for a ``lateral`` the upper arm goes forward at a right angle."""
    long = apart(limb.at["elbow"], limb.at["wrist"])
    if pose == "lateral":
        bent = posed(limb, [bend(limb, -90.0)])
        upright = turned((1.0, 0.0, 0.0), (0.0, 1.0), bent.at["elbow"])
        limb = moved(bent, lambda v: transformed(v, upright))
    aim = between(limb.at["elbow"], limb.at["wrist"], 0.53)
    return limb, aim, (0.62 * long if pose == "lateral" else 0.5 * long, 1.5 * long)


FOREARM = Region(
    name="forearm",
    body_part="FOREARM",
    code=Code("http://snomed.info/sct", "14975008", "Forearm structure"),
    snomed=frozenset(),
    words=(),
    build=build(lay, NEAR),
    seen_by=("DX",),
    paired=True,
)
"""Radius and ulna with elbow and wrist."""
