"""The hand."""

from __future__ import annotations

from fhir2dicom.anatomy.arm import Arm, posed
from fhir2dicom.anatomy.arm_body import apart, build
from fhir2dicom.anatomy.flesh import Turn
from fhir2dicom.anatomy.region import Region
from fhir2dicom.model import Code, Vec3

_FAN = {"2": -62.0, "3": -40.0, "4": -20.0, "5": 0.0}
"""Degrees by which the fingers of a lateral hand are bent, so that they do not hide each other (fan lateral)."""
_SPREAD = {"2": 3.0, "4": -4.0, "5": -13.0}
"""Degrees by which fingers of a hand that lies flat are spread to the thumb's side (positive)."""


def lay(limb: Arm, pose: str) -> tuple[Arm, Vec3, tuple[float, float]]:
    """Lay the hand flat (``pa``) or on its edge with the fingers fanned (``lateral``)."""
    turns = _fan(limb) if pose == "lateral" else _flat(limb)
    laid = posed(limb, turns)
    at = laid.at
    long = apart(at["wrist"], at["tip3"])
    tips = [at[f"tip{k}"] for k in "12345"]
    low = min(p[2] for p in tips) - 0.07 * long
    top = at["wrist"][2] + 0.30 * long
    sides = [p[1 if pose == "lateral" else 0] for p in (*tips, at["mcp1"], at["mcp5"], at["wrist"])]
    middle = (min(sides) + max(sides)) / 2
    wide = max(sides) - min(sides) + 0.36 * long
    z = (low + top) / 2
    aim = (at["mcp3"][0], middle, z) if pose == "lateral" else (middle, at["mcp3"][1], z)
    return laid, aim, (wide, top - low)


def _flat(limb: Arm) -> list[Turn]:
    return [Turn(f"mcp{k}", limb.at[f"mcp{k}"], (0.0, 1.0, 0.0), d) for k, d in _SPREAD.items()]


def _fan(limb: Arm) -> list[Turn]:
    across = tuple(a - b for a, b in zip(limb.at["mcp5"], limb.at["mcp2"], strict=True))
    x, y, z = across
    return [Turn(f"mcp{k}", limb.at[f"mcp{k}"], (x, y, z), d) for k, d in _FAN.items()]


HAND = Region(
    name="hand",
    body_part="HAND",
    code=Code("http://snomed.info/sct", "85562004", "Hand structure"),
    snomed=frozenset(),
    words=(),
    build=build(lay),
    seen_by=("DX",),
    paired=True,
)
"""Hand, fingers and thumb."""
