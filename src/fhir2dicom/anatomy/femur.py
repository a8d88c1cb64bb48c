"""Femur and the flesh of the thigh: a child's from the hip, a grown patient's from the trochanters to the knee."""

from __future__ import annotations

from fhir2dicom.anatomy import leg_soft
from fhir2dicom.anatomy.flesh import Turn
from fhir2dicom.anatomy.leg import Leg, posed
from fhir2dicom.anatomy.leg_body import Framed, build
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code

NAMES = ("hip", "femur", "patella", "tibia", "fibula")
FIELD_MM = 412.0
"""What a detector 43 cm long shows of a thigh that lies on it: of the grown from below the hip to the knee."""


def lay(limb: Leg, pose: str) -> Framed:
    """Lay the thigh: ``lateral`` bends the knee by a quarter."""
    if pose == "lateral":
        wide, (u, v, w) = limb.size.width, limb.at["knee"]
        axis = (u, v + 3.0 * wide, w + 18.0 * wide)
        limb = leg_soft.covered(posed(limb, [Turn("knee", axis, (1.0, 0.0, 0.0), 28.0)]), 12.0)
    (x, y, z), (u, v, w) = limb.at["hip"], limb.at["knee"]
    long, wide = z - w, limb.size.width
    high = min(1.17 * long, FIELD_MM)
    aim = ((x + u) / 2 - 10 * wide, (y + v) / 2, z - 1.12 * long + high / 2)
    return limb, aim, (190.0 * wide, high)


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
"""Femur and the flesh of the thigh: a child's from the hip, a grown patient's from the trochanters to the knee."""
