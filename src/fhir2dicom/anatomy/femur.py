"""Femur and the flesh of the thigh, from below the trochanters to the knee."""

from __future__ import annotations

from fhir2dicom.anatomy.flesh import Turn
from fhir2dicom.anatomy.leg import Leg, posed
from fhir2dicom.anatomy.leg_body import Framed, build
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code

NAMES = ("femur", "patella", "tibia", "fibula")


def lay(limb: Leg, pose: str) -> Framed:
    """Lay the thigh: ``lateral`` bends the knee by a quarter."""
    if pose == "lateral":
        limb = posed(limb, [Turn("knee", limb.at["knee"], (1.0, 0.0, 0.0), 28.0)])
    (x, y, z), (u, v, w) = limb.at["hip"], limb.at["knee"]
    long, wide = z - w, limb.size.width
    aim = ((x + u) / 2 - 10 * wide, (y + v) / 2, z - 0.645 * long)
    return limb, aim, (190.0 * wide, 0.96 * long)


FEMUR = Region(
    name="femur",
    body_part="FEMUR",
    code=Code("http://snomed.info/sct", "71341001", "Bone structure of femur"),
    snomed=frozenset(),
    words=(),
    build=build(lay, names=NAMES),
    seen_by=("DX",),
    paired=True,
)
"""Femur and the flesh of the thigh, from below the trochanters to the knee."""
