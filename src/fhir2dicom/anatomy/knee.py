"""The knee."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fhir2dicom.anatomy import leg_soft
from fhir2dicom.anatomy.flesh import Turn, bent
from fhir2dicom.anatomy.leg import Leg, moved, posed
from fhir2dicom.anatomy.leg_body import Framed, build
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code, Vec3

NAMES = ("femur", "patella", "tibia", "fibula")
_FLEXION_DEG = 27.0
_SEATED_MM = 5.5
"""How much nearer a knee bent by 60 degrees has its patella than a turn about the joint alone leaves it (ours)."""


def lay(limb: Leg, pose: str) -> Framed:
    """Lay the knee: straight, ``lateral`` bent by a third of a right angle, ``sunrise`` by 60 degrees.

    The last one's beam passes over the shin and along the back of the patella.
    """
    x, y, z = limb.at["knee"]
    wide = limb.size.width
    axis = (x, y + 3.0 * wide, z + 18.0 * wide)
    if pose == "lateral":
        limb = posed(limb, [Turn("knee", axis, (1.0, 0.0, 0.0), _FLEXION_DEG)])
        lean = [Turn("all", axis, (1.0, 0.0, 0.0), -12.0)]
        limb = leg_soft.covered(moved(limb, lambda p: bent(p, lean, {"all": 1.0})))
        return limb, (x, y - 2.0 * wide, z + 6.0 * wide), (158.0 * wide, 205.0 * wide)
    if pose == "sunrise":
        limb = posed(limb, [Turn("knee", axis, (1.0, 0.0, 0.0), 62.0)])
        limb = leg_soft.covered(_seated(limb, axis, _SEATED_MM * wide), 14.0)
        lean = [Turn("all", axis, (1.0, 0.0, 0.0), -126.0)]
        limb = moved(limb, lambda p: bent(p, lean, {"all": 1.0}))
        return limb, (x, y - 10.0 * wide, z + 34.0 * wide), (140.0 * wide, 105.0 * wide)
    return limb, (x, y, z - 4.0 * wide), (150.0 * wide, 205.0 * wide)


def _seated(limb: Leg, axis: Vec3, way_mm: float) -> Leg:
    """Return a bent knee with its patella pulled into the groove, as its tendons do."""
    parts = limb.bones.get("patella", ())
    if not parts:
        return limb
    middle = np.round(parts[0].vertices.astype(np.float64).mean(axis=0), 3)
    arm = np.array((0.0, axis[1] - middle[1], axis[2] - middle[2]))
    shift = (arm * (way_mm / float((arm * arm).sum()) ** 0.5)).astype(np.float32)
    return replace(limb, bones={**limb.bones, "patella": [b.each(lambda v: v + shift) for b in parts]})


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
