"""The knee."""

from __future__ import annotations

import numpy as np

from fhir2dicom.anatomy import leg_parts, leg_soft
from fhir2dicom.anatomy.flesh import Turn, bent
from fhir2dicom.anatomy.leg import Leg, moved, posed, with_soft
from fhir2dicom.anatomy.leg_body import Framed, build
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code

NAMES = ("femur", "patella", "tibia", "fibula")
_FLEXION_DEG = 27.0


def lay(limb: Leg, pose: str) -> Framed:
    """Lay the knee: straight, ``lateral`` bent by a third of a right angle, ``sunrise`` bent with the beam along the patella."""
    x, y, z = limb.at["knee"]
    wide = limb.size.width
    axis = (x, y + 3.0 * wide, z + 18.0 * wide)
    if pose == "lateral":
        limb = posed(limb, [Turn("knee", axis, (1.0, 0.0, 0.0), _FLEXION_DEG)])
        lean = [Turn("all", axis, (1.0, 0.0, 0.0), -12.0)]
        limb = _covered(moved(limb, lambda p: bent(p, lean, {"all": 1.0})))
        return limb, (x, y - 2.0 * wide, z + 6.0 * wide), (158.0 * wide, 205.0 * wide)
    if pose == "sunrise":
        limb = posed(limb, [Turn("knee", axis, (1.0, 0.0, 0.0), 62.0)])
        lean = [Turn("all", axis, (1.0, 0.0, 0.0), -94.0)]
        limb = moved(limb, lambda p: bent(p, lean, {"all": 1.0}))
        return limb, (x, y - 30.0 * wide, z + 40.0 * wide), (150.0 * wide, 120.0 * wide)
    return limb, (x, y, z - 4.0 * wide), (150.0 * wide, 205.0 * wide)


def _covered(limb: Leg) -> Leg:
    """Return the leg with skin over the patella, which a bent knee's skin, blended between the bones, cuts into."""
    parts = limb.bones.get("patella", ())
    if not parts:
        return limb
    wide = limb.size.width
    middle = np.round(parts[0].vertices.astype(np.float64).mean(axis=0), 3)
    skin, muscle = leg_soft.swollen(limb, leg_parts.vec(middle), 62.0 * wide, 9.0 * wide)
    return with_soft(limb, {}, skin, muscle)


KNEE = Region(
    name="knee",
    body_part="KNEE",
    code=Code("http://snomed.info/sct", "72696002", "Knee region structure"),
    snomed=frozenset(),
    words=(),
    build=build(lay, names=NAMES, soft=leg_soft.knee),
    seen_by=("DX",),
    paired=True,
)
"""The knee."""
