"""Breaks of the bones of an arm: a cut and a rigid move of what lies beyond it, or a cortex that buckles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, radians, sin

import numpy as np

from fhir2dicom.anatomy.bone import F32, Bone, cut, joined, moved, turned
from fhir2dicom.model import Edit, Vec3

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


def broken(parts: Sequence[Bone], edit: Edit, at: Mapping[str, Vec3]) -> list[Bone]:
    """Return the parts of one bone after an edit; those of other bones, and other kinds of edits, leave it as it is.

    Kinds: ``fracture`` and ``buckle``. Numbers: ``along`` 0 … 1 from the near joint to the far one, ``slant_deg`` of the
    break from square and ``round_deg`` about the axis (0: its high side in front), ``angle_deg`` by which the far part
    tilts to the back (negative: the front), ``side_deg`` to the outer side, ``back_mm`` and ``out_mm`` it is shifted,
    ``short_mm`` it is driven in, ``gap_mm`` it stands off, ``rough_mm``, ``bulge_mm`` of a buckle.
    """
    if edit.part not in AXES or not parts or parts[0].name.split(" ")[0] != edit.part:
        return list(parts)
    if edit.kind not in ("fracture", "buckle"):
        return list(parts)
    near, far = (np.array(at[j]) for j in AXES[edit.part])
    point = near + (far - near) * edit.numbers.get("along", 0.5)
    axis = (far - near) / float(((far - near) ** 2).sum()) ** 0.5
    if edit.kind == "buckle":
        return [_buckled(b, point, axis, edit) for b in parts]
    return _parted(parts, point, axis, edit)


def _parted(
    parts: Sequence[Bone],
    point: np.typing.NDArray[np.float64],
    axis: np.typing.NDArray[np.float64],
    edit: Edit,
) -> list[Bone]:
    """Return near parts as they were and far parts moved."""
    n = edit.numbers
    back = np.array((0.0, 1.0, 0.0)) - axis * axis[1]
    back /= float((back * back).sum()) ** 0.5
    out = np.array(
        (
            axis[1] * back[2] - axis[2] * back[1],
            axis[2] * back[0] - axis[0] * back[2],
            axis[0] * back[1] - axis[1] * back[0],
        )
    )
    if out[0] > 0:
        out = -out  # outward on the right is -x
    slant, about = n.get("slant_deg", 0.0), n.get("round_deg", 0.0)
    lean = -back * _cos(about) + out * _sin(about)
    normal = axis * _cos(slant) + lean * _sin(slant)
    shift = (
        back * n.get("back_mm", 0.0)
        + out * n.get("out_mm", 0.0)
        + axis * (n.get("gap_mm", 0.0) - n.get("short_mm", 0.0))
    )
    tilt = turned(
        _vec(out),
        (_cos(n.get("angle_deg", 0.0)), _sin(n.get("angle_deg", 0.0)) * _sign(axis, back, out)),
        _vec(point),
    )
    aside = turned(
        _vec(back),
        (_cos(n.get("side_deg", 0.0)), _sin(n.get("side_deg", 0.0)) * _sign(axis, out, back)),
        _vec(point),
        _vec(shift),
    )
    found: list[Bone] = []
    for part in parts:
        below, above = cut(part, _vec(point), _vec(normal), n.get("rough_mm", 1.2), edit.key)
        found += [b for b in (below,) if len(b.triangles)]
        if len(above.triangles):
            found.append(moved(moved(above, tilt), aside))
    return found


def _sign(
    axis: np.typing.NDArray[np.float64],
    to: np.typing.NDArray[np.float64],
    about: np.typing.NDArray[np.float64],
) -> float:
    """Return which way to turn about ``about`` so that ``axis`` leans towards ``to``."""
    c = (
        about[1] * axis[2] - about[2] * axis[1],
        about[2] * axis[0] - about[0] * axis[2],
        about[0] * axis[1] - about[1] * axis[0],
    )
    return 1.0 if c[0] * to[0] + c[1] * to[1] + c[2] * to[2] > 0 else -1.0


def _buckled(
    b: Bone, point: np.typing.NDArray[np.float64], axis: np.typing.NDArray[np.float64], edit: Edit
) -> Bone:
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


def _vec(p: np.typing.NDArray[np.float64]) -> Vec3:
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
