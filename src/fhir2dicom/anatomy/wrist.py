"""The wrist."""

from __future__ import annotations

from fhir2dicom.anatomy.arm import Arm, posed
from fhir2dicom.anatomy.arm_body import apart, between, build
from fhir2dicom.anatomy.arm_parts import NEAR
from fhir2dicom.anatomy.flesh import Turn
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code, Vec3

_ULNAR_DEG = 22.0
"""How far a hand is bent to the little finger's side to lay the scaphoid bare."""


def lay(limb: Arm, pose: str) -> tuple[Arm, Vec3, tuple[float, float]]:
    """Lay the wrist as for a hand; ``ulnar-deviation`` bends it to the ulnar side."""
    if pose == "ulnar-deviation":
        limb = posed(limb, [Turn("wrist", limb.at["wrist"], (0.0, 1.0, 0.0), -_ULNAR_DEG)])
    at = limb.at
    long = apart(at["wrist"], at["mcp3"])
    small = pose == "ulnar-deviation"
    aim = between(at["wrist"], at["mcp3"], 0.05 if small else 0.0)
    return limb, aim, ((1.35 * long, 1.6 * long) if small else (1.75 * long, 2.5 * long))


WRIST = Region(
    name="wrist",
    body_part="WRIST",
    code=Code("http://snomed.info/sct", "8205005", "Wrist region structure"),
    snomed=frozenset(),
    words=(),
    build=build(lay, NEAR),
    seen_by=("DX",),
    paired=True,
)
"""Wrist: the far ends of radius and ulna, carpals, bases of the metacarpals."""
