"""Breaks of the bones of pelvis and leg: cuts of the atlas' bones, and rigid moves of what lies beyond them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, radians, sin

import numpy as np

from fhir2dicom.anatomy.bone import F32, Bone, Matrix34, moved, transformed, turned
from fhir2dicom.anatomy.bone_cut import Relief, above, below
from fhir2dicom.anatomy.leg_parts import FOOT, SHANK, vec
from fhir2dicom.model import Edit, Vec3

Parts = dict[str, list[Bone]]
"""Bones by name, each in the parts that it has."""


@dataclass(frozen=True, slots=True)
class Break:
    """One way a bone of the right leg breaks, in the atlas' frame."""

    bone: str
    at: Vec3
    normal: Vec3
    """Towards the part that moves."""
    shift_mm: Vec3
    """Of that part, at the worst."""
    turn_deg: float = 0.0
    """At the worst, about ``axis`` through ``at``."""
    axis: Vec3 = (0.0, 1.0, 0.0)
    rough_mm: float = 1.3
    carries: tuple[str, ...] = ()
    """Bones that go with it."""
    carry_mm: Vec3 | None = None
    """How far those go at the worst, if not in one piece with it."""
    step_mm: float = 0.0
    """How far the break leaves its plane in steps as broad as a finger."""
    from_amount: float = 0.0
    """Slighter cases are without it."""


_BELOW_FEMUR = ("patella", *SHANK, *FOOT)
BREAKS: Mapping[str, tuple[Break, ...]] = {
    # place: bone, at, normal, shift, turn …
    "ankle": (
        Break("fibula", (-113.0, 24.0, -766.0), (0.25, 0.45, -0.86), (-3.5, 4.0, 3.0), 7.0, (0.0, 0.3, 1.0), 1.3, FOOT, carry_mm=(-4.5, 1.0, 0.0)),
        Break("tibia", (-69.5, 2.0, -771.0), (0.62, 0.0, -0.78), (2.5, 0.5, -3.5), 10.0, rough_mm=0.7, from_amount=0.55),
    ),
    "femoral neck": (
        Break("femur", (-101.0, 4.0, -21.0), (-0.72, 0.1, -0.69), (-4.0, 1.0, 16.0), -14.0, (0.0, 1.0, 0.0), 1.8, _BELOW_FEMUR, step_mm=4.0),
    ),
    "trochanters": (
        Break("femur", (-116.0, 8.0, -42.0), (-0.55, 0.0, -0.84), (2.0, 0.0, 13.0), -13.0, (0.0, 1.0, 0.0), 2.4, _BELOW_FEMUR, step_mm=6.0),
    ),
    "femur": (
        Break("femur", (-100.0, 0.0, -215.0), (0.35, 0.2, -0.9), (14.0, 9.0, 18.0), 12.0, (0.0, 1.0, 0.2), 2.0, _BELOW_FEMUR, step_mm=5.0),
    ),
    "patella": (
        Break("patella", (-80.0, -40.0, -384.0), (0.06, 0.0, 1.0), (0.0, -1.0, 11.0), 8.0, (1.0, 0.0, 0.0), 1.4),
    ),
    "tibia": (
        Break("tibia", (-84.0, 0.0, -640.0), (0.45, 0.2, -0.87), (5.0, 4.0, 4.0), 6.0, (0.2, 1.0, 0.0), 1.8, FOOT, step_mm=3.0),
        Break("fibula", (-107.0, 25.0, -610.0), (0.3, 0.2, -0.93), (5.0, 4.0, 4.0), 6.0, (0.2, 1.0, 0.0), 1.3, from_amount=0.3),
    ),
    "calcaneus": (
        Break("calcaneus", (-76.0, 14.0, -822.0), (0.1, 0.8, 0.55), (1.0, 2.0, 5.0), 11.0, (1.0, 0.0, 0.0), 1.6),
    ),
    "foot": (
        Break("mt5", (-121.0, -33.0, -823.0), (0.55, 0.8, 0.15), (-1.0, 3.2, 0.5), 6.0, (0.0, 0.0, 1.0), 0.9),
    ),
    "toe": (
        Break("pp5", (-149.0, -88.0, -838.0), (-0.35, -0.9, 0.0), (-1.5, -0.5, 0.5), 16.0, (0.0, 0.0, 1.0), 0.6),
    ),
    "pelvis": (
        Break("hip", (-42.0, -42.0, -14.0), (0.86, -0.35, 0.2), (3.0, -3.0, -5.0), 3.0, (0.0, 1.0, 0.0), 1.4),
    ),
}  # fmt: skip
"""Ours: common patterns (Weber B and bimalleolar at the ankle, varus neck, spiral shaft …) with common displacements."""


def broken(found: Parts, edits: Sequence[Edit]) -> Parts:
    """Return all parts after the breaks among the edits; ``Edit.part`` names a row of `BREAKS`."""
    parts = dict(found)
    for edit in edits:
        if edit.kind == "fracture":
            for row in BREAKS.get(edit.part, ()):
                if edit.amount >= row.from_amount:
                    parts = _broken(parts, row, edit.amount, edit.key)
    return parts


def _broken(parts: Parts, row: Break, amount: float, key: int) -> Parts:
    """Return all parts after one break; a slight one hardly moves."""
    share = _share(amount)
    m = _motion(row, share)
    out = dict(parts)
    carried = m if row.carry_mm is None else _motion(replace(row, shift_mm=row.carry_mm, turn_deg=0.0), share)
    for name in row.carries:
        out[name] = [moved(b, carried) for b in parts.get(name, [])]
    after: list[Bone] = []
    relief = Relief(row.rough_mm, row.step_mm, 13.0)
    for bone in parts.get(row.bone, []):
        near, far = (half(bone, row.at, row.normal, relief, key % 100003) for half in (below, above))
        after += [b for b in (near,) if len(b.triangles)]
        after += [moved(replace(b, name=f"{row.bone} fragment"), m) for b in (far,) if len(b.triangles)]
    out[row.bone] = after
    return out


_BLEND_MM = (25.0, -75.0)
"""Over what heights about a break of a shaft its flesh begins to go with what is below (ours)."""


def carried(flesh: F32, edits: Sequence[Edit]) -> F32:
    """Return points of skin or muscle, (n, 3) mm in the atlas, that go with the leg below a broken shaft."""
    points = flesh
    for edit in edits:
        rows = BREAKS.get(edit.part, ()) if edit.kind == "fracture" else ()
        for row in rows:
            if row.carries and row.carry_mm is None and edit.amount >= row.from_amount:
                high, low = (row.at[2] + h for h in _BLEND_MM)
                share = np.clip((high - points[:, 2]) / np.float32(high - low), 0, 1)[:, None]
                after = transformed(points, _motion(row, _share(edit.amount)))
                points = points + (after - points) * (share * share * (3 - 2 * share))
    return points


def _share(amount: float) -> float:
    """Return how far a break moves what lies beyond it: a slight one hardly."""
    return float(0.06 + 0.94 * amount**1.5)


def _motion(row: Break, share: float) -> Matrix34:
    a = radians(row.turn_deg * share)
    shift = vec(np.array(row.shift_mm) * share)
    return turned(row.axis, (round(cos(a), 12), round(sin(a), 12)), row.at, shift)


def displaced(found: Parts, edits: Sequence[Edit]) -> Parts:
    """Return all parts after what moves bones without breaking them: ``rupture``, ``arthritis``.

    A torn patellar tendon lets the patella ride up; lost cartilage lets the thigh sink onto the leg on the inner side,
    and the hip's head up and out.
    """
    parts = dict(found)
    for edit in edits:
        if edit.kind == "rupture" and edit.part == "patellar tendon":
            up = turned((1.0, 0.0, 0.0), (1.0, 0.0), (0.0, 0.0, 0.0), (0.0, 2.0, 12.0 + 16.0 * edit.amount))
            parts["patella"] = [moved(b, up) for b in parts.get("patella", [])]
        elif edit.kind == "arthritis" and edit.part == "knee":
            a = 0.055 * edit.amount
            m = turned((0.0, 1.0, 0.0), (round(cos(a), 12), -round(sin(a), 12)), (-100.0, 4.0, -420.0))
            parts |= {n: [moved(b, m) for b in parts[n]] for n in (*SHANK, *FOOT) if n in parts}
        elif edit.kind == "arthritis" and edit.part == "hip" and "femur" in parts:
            m = turned(
                (1.0, 0.0, 0.0), (1.0, 0.0), (0.0, 0.0, 0.0), (-0.8 * edit.amount, 0.0, 2.4 * edit.amount)
            )
            parts |= {n: [moved(b, m) for b in parts[n]] for n in ("femur", *_BELOW_FEMUR) if n in parts}
    return parts
