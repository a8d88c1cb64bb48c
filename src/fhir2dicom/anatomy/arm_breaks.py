"""Breaks of the bones of an arm: a cut and a rigid move of what lies beyond it, or a cortex that buckles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import cos, radians, sin

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.arm_parts import FINGERS, HAND
from fhir2dicom.anatomy.bone import F32, I32, Bone, Matrix34, cut, joined, moved, transformed, turned
from fhir2dicom.anatomy.flesh import normals
from fhir2dicom.model import Edit, Vec3

F64 = npt.NDArray[np.float64]

AXES: Mapping[str, tuple[str, str]] = {
    "humerus": ("shoulder", "elbow"),
    "radius": ("radial", "wrist"),
    "ulna": ("elbow", "wrist"),
    **{f"mc{k}": ("wrist", f"mcp{k}") for k in "2345"},
    "mc1": ("cmc1", "mcp1"),
    "pp1": ("mcp1", "pp1-dp1"),
    "dp1": ("pp1-dp1", "tip1"),
    **{f"pp{k}": (f"mcp{k}", f"pp{k}-mp{k}") for k in "2345"},
    **{f"mp{k}": (f"pp{k}-mp{k}", f"mp{k}-dp{k}") for k in "2345"},
    **{f"dp{k}": (f"mp{k}-dp{k}", f"tip{k}") for k in "2345"},
    "scaphoid": ("radial", "mcp2"),
}
"""Joints that a bone's axis runs between, the near one first."""


RIDERS: Mapping[str, tuple[str, ...]] = {
    "radius": HAND,
    **{f"mc{k}": (f"pp{k}", f"mp{k}", f"dp{k}") for k in FINGERS},
    **{f"pp{k}": (f"mp{k}", f"dp{k}") for k in FINGERS},
    **{f"mp{k}": (f"dp{k}",) for k in FINGERS},
}
"""What goes with the far part of a bone that breaks, where the edit says so (``with_rest``)."""


def of_age(edits: Iterable[Edit], years: float) -> list[Edit]:
    """Return the edits that are meant for an age: from ``from_years`` to under ``to_years``."""
    return [e for e in edits if e.numbers.get("from_years", 0.0) <= years < e.numbers.get("to_years", 200.0)]


def broken(parts: Sequence[Bone], edit: Edit, at: Mapping[str, Vec3]) -> list[Bone]:
    """Return the parts of one bone after an edit; those of other bones, and other kinds of edits, leave it as it is.

    Kinds: ``fracture`` and ``buckle``. Numbers: ``along`` 0 … 1 from the near joint to the far one, ``slant_deg`` of the
    break from square and ``round_deg`` about the axis (0: its high side in front), ``angle_deg`` by which the far part
    tilts to the back (negative: the front), ``side_deg`` to the outer side, ``back_mm`` and ``out_mm`` it is shifted,
    ``short_mm`` it is driven in, ``gap_mm`` it stands off, ``rough_mm``, ``bulge_mm`` and ``width_mm`` of a
    buckle; ``with_rest``: what lies beyond goes with it;
    ``near``: the near part moves instead, the other way; ``middle``: through the bone's middle.
    """
    if edit.kind not in ("fracture", "buckle") or edit.part not in AXES or not parts:
        return list(parts)
    name = parts[0].name.partition(" ")[0]
    if name in RIDERS.get(edit.part, ()) and edit.numbers.get("with_rest"):
        by = _carried(edit, at)
        return [b.each(lambda v: v + by) for b in parts]
    if name != edit.part:
        return list(parts)
    point, axis = _place(edit, at)
    if edit.numbers.get("middle"):
        point = parts[0].vertices.astype(np.float64).mean(0)
    if edit.kind == "buckle":
        return [_buckled(b, point, axis, edit) for b in parts]
    return _parted(parts, point, axis, edit)


def _carried(edit: Edit, at: Mapping[str, Vec3]) -> F32:
    """Return the way of the far joint, (3,): the bones beyond it keep their direction and go with it."""
    joint = np.array([at[AXES[edit.part][1]]], np.float32)
    tilt, aside = _moves(edit, *_place(edit, at))
    return np.asarray((transformed(transformed(joint, tilt), aside) - joint)[0], np.float32)


def carried_hand(edits: Iterable[Edit], at: Mapping[str, Vec3]) -> F32:
    """Return how far breaks of the radius carry the hand, (3,) mm in the atlas: its flesh goes with it."""
    way = np.zeros(3, np.float32)
    for edit in edits:
        if edit.kind == "fracture" and edit.part == "radius" and edit.numbers.get("with_rest"):
            way += _carried(edit, at)
    return way


_SWOLLEN: Mapping[str, tuple[float, float]] = {
    # first letters of a bone: how far swelling reaches, and how much it lifts the skin at the worst, mm
    "hu": (95.0, 10.0),
    "ra": (62.0, 8.0),
    "ul": (55.0, 4.0),
    "mc": (38.0, 7.0),
    "pp": (20.0, 3.5),
    "mp": (16.0, 3.0),
    "dp": (13.0, 2.5),
    "sc": (30.0, 3.0),
}
"""Blood and water round a break (ours)."""


def swelling(skin: F32, triangles: I32, edits: Iterable[Edit], at: Mapping[str, Vec3]) -> F32:
    """Return how far breaks lift the skin of an arm in the atlas' pose, (n, 3) mm."""
    push = np.zeros_like(skin)
    rows = [
        e for e in edits if e.kind in ("fracture", "buckle") and e.part in AXES and e.part[:2] in _SWOLLEN
    ]
    if not rows:
        return push
    outwards = normals(skin, triangles)
    for edit in rows:
        reach, most = _SWOLLEN[edit.part[:2]]
        d = (skin - _place(edit, at)[0]) / reach
        near = np.maximum(0.0, 1 - np.sqrt((d[:, 0] ** 2 + d[:, 1] ** 2) + d[:, 2] ** 2))
        high = most * (0.35 + 0.65 * edit.amount) * (0.5 if edit.kind == "buckle" else 1.0)
        push += outwards * (near * near * (3 - 2 * near) * high)[:, None].astype(np.float32)
    return push


def _place(edit: Edit, at: Mapping[str, Vec3]) -> tuple[F64, F64]:
    """Return where a bone breaks, and its axis."""
    near, far = (np.array(at[j]) for j in AXES[edit.part])
    point = near + (far - near) * edit.numbers.get("along", 0.5)
    return point, (far - near) / float(((far - near) ** 2).sum()) ** 0.5


def _frame(axis: F64) -> tuple[F64, F64]:
    """Return the directions to the back and to the outer side, square to the axis."""
    back = np.array((0.0, 1.0, 0.0)) - axis * axis[1]
    back /= float((back * back).sum()) ** 0.5
    out = np.array(
        (
            axis[1] * back[2] - axis[2] * back[1],
            axis[2] * back[0] - axis[0] * back[2],
            axis[0] * back[1] - axis[1] * back[0],
        )
    )
    return back, -out if out[0] > 0 else out  # outward on the right is -x


def _moves(edit: Edit, point: F64, axis: F64) -> tuple[Matrix34, Matrix34]:
    """Return the tilt and the turn with the shift that the far part of a broken bone makes."""
    n = edit.numbers
    back, out = _frame(axis)
    along = n.get("gap_mm", 0.0) - n.get("short_mm", 0.0)
    shift = back * n.get("back_mm", 0.0) + out * n.get("out_mm", 0.0) + axis * along
    angle, side = n.get("angle_deg", 0.0), n.get("side_deg", 0.0)
    if n.get("near"):
        angle, side, shift = -angle, -side, -shift
    tilt = turned(_vec(out), (_cos(angle), _sin(angle) * _sign(axis, back, out)), _vec(point))
    return tilt, turned(
        _vec(back), (_cos(side), _sin(side) * _sign(axis, out, back)), _vec(point), _vec(shift)
    )


def _parted(parts: Sequence[Bone], point: F64, axis: F64, edit: Edit) -> list[Bone]:
    """Return near parts as they were and far parts moved, or the other way round (``near``)."""
    n = edit.numbers
    back, out = _frame(axis)
    slant, about = n.get("slant_deg", 0.0), n.get("round_deg", 0.0)
    lean = -back * _cos(about) + out * _sin(about)
    normal = axis * _cos(slant) + lean * _sin(slant)
    tilt, aside = _moves(edit, point, axis)
    found: list[Bone] = []
    for part in parts:
        below, above = cut(part, _vec(point), _vec(normal), n.get("rough_mm", 1.2), edit.key)
        if len(below.triangles):
            found.append(moved(moved(below, tilt), aside) if n.get("near") else below)
        if len(above.triangles):
            found.append(above if n.get("near") else moved(moved(above, tilt), aside))
    return found


def _sign(
    axis: F64,
    to: F64,
    about: F64,
) -> float:
    """Return which way to turn about ``about`` so that ``axis`` leans towards ``to``."""
    c = (
        about[1] * axis[2] - about[2] * axis[1],
        about[2] * axis[0] - about[0] * axis[2],
        about[0] * axis[1] - about[1] * axis[0],
    )
    return 1.0 if c[0] * to[0] + c[1] * to[1] + c[2] * to[2] > 0 else -1.0


def _buckled(b: Bone, point: F64, axis: F64, edit: Edit) -> Bone:
    """Return a bone whose cortex bulges in a ring, more at the back: a torus fracture."""
    high, width = edit.numbers.get("bulge_mm", 1.6), edit.numbers.get("width_mm", 3.2)

    def bulged(v: F32) -> F32:
        d = v.astype(np.float64) - point
        s = (d[:, 0] * axis[0] + d[:, 1] * axis[1]) + d[:, 2] * axis[2]
        across = d - s[:, None] * axis
        reach = np.sqrt((across * across).sum(1))
        near = 1 / (1 + (s / width) ** 2) ** 2
        side = 0.55 + 0.45 * across[:, 1] / np.maximum(reach, 1e-6)
        return np.asarray(
            v + across / np.maximum(reach, 1.0)[:, None] * (high * near * side)[:, None], np.float32
        )

    return b.each(bulged)


def _vec(p: F64) -> Vec3:
    return float(p[0]), float(p[1]), float(p[2])


def _cos(degrees: float) -> float:
    return round(cos(radians(degrees)), 12)


def _sin(degrees: float) -> float:
    return round(sin(radians(degrees)), 12)


def shaft_broken(whole: Bone, edit: Edit) -> Bone:
    """Return a right clavicle in the patient after an edit, in one mesh: ``along`` 0 at the breast bone, 1 at the shoulder.

    Of the edit's numbers those of `broken` that fit it: ``slant_deg``, ``up_mm`` by which the inner part stands higher,
    ``short_mm``, ``angle_deg`` by which the outer part hangs.
    """
    if edit.kind != "fracture":
        return whole
    v = whole.vertices.astype(np.float64)
    inner, outer = v[v[:, 0] > v[:, 0].max() - 9].mean(0), v[v[:, 0] < v[:, 0].min() + 9].mean(0)
    n = edit.numbers
    place = inner[0] + (outer[0] - inner[0]) * n.get("along", 0.5)
    point = v[np.abs(v[:, 0] - place) < 6].mean(0)
    near, far = v[np.abs(v[:, 0] - place - 14) < 6].mean(0), v[np.abs(v[:, 0] - place + 14) < 6].mean(0)
    axis = (far - near) / float(((far - near) ** 2).sum()) ** 0.5
    normal = axis * _cos(n.get("slant_deg", 0.0)) + np.array((0.0, 0.0, 1.0)) * _sin(n.get("slant_deg", 0.0))
    below, above = cut(whole, _vec(point), _vec(normal), n.get("rough_mm", 1.0), edit.key)
    shift = -axis * n.get("short_mm", 0.0) - np.array((0.0, 0.0, 1.0)) * n.get("up_mm", 0.0)
    angle = n.get("angle_deg", 0.0)
    hung = moved(above, turned((0.0, 1.0, 0.0), (_cos(angle), -_sin(angle)), _vec(point), _vec(shift)))
    return joined([below, hung], whole.name)
