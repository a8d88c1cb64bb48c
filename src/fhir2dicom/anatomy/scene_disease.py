"""What a disease of the chest changes on a film beside lumps and shape: fluid, air, congestion, lines, broken ribs.

Each is an `Edit` of the torso, by its kind: ``effusion``, ``pneumothorax`` (amount, laterality), ``congestion`` (amount), ``fracture``
(part ``rib_NN_r`` or ``rib_NN_l``). Numbers without a source are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import bone
from fhir2dicom.model import Edit, Surface, Tubes
from fhir2dicom.noise import unit

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

DEEPEST_MM = 150.0
"""How high the largest effusion stands over the lowest point of the lung."""


def fluid(
    edits: Sequence[Edit], lungs: Mapping[str, Surface], pose: str, weight: float
) -> dict[str, Surface]:
    """Return effusions: the part of a lung below a level that climbs at the walls, or behind one in who lies.

    ``lungs`` are ``lung_r`` and ``lung_l`` in patient mm; ``weight`` is fluid's less lung's.
    """
    out = {}
    for k, edit in enumerate(e for e in edits if e.kind == "effusion"):
        for side in "RL" if edit.laterality in ("", "B") else edit.laterality:
            lung = lungs[f"lung_{side.lower()}"]
            v = lung.vertices.astype(np.float64)
            low, high = v.min(0), v.max(0)
            amount = edit.amount * (0.7 + 0.6 * float(unit(edit.key, ord(side))))
            flat = _behind(v, low, high, amount) if pose == "supine" else _below(v, low, high, amount)
            out[f"effusion_{k}_{side}"] = Surface(flat.astype(np.float32), lung.triangles, weight)
    return out


def _below(v: F64, low: F64, high: F64, amount: float) -> F64:
    """Return a lung's surface pressed down to a meniscus: a bowl that climbs at the walls, most at the outer one."""
    middle, half = (low + high) / 2, (high - low) / 2
    outer = 1.0 if middle[0] > 0 else -1.0
    across = outer * (v[:, 0] - middle[0]) / half[0]
    back = (v[:, 1] - middle[1]) / half[1]
    rim = np.minimum(across * across + back * back, 1.2)
    size = (high[2] - low[2]) / 260.0
    level = low[2] + size * (6.0 + DEEPEST_MM * amount)
    climb = size * (26.0 + 60.0 * amount) * rim * rim * (1.0 + 0.35 * across)
    out = v.copy()
    out[:, 2] = np.minimum(v[:, 2], level + climb)
    return out


def _behind(v: F64, low: F64, high: F64, amount: float) -> F64:
    """Return a lung's surface pressed back to a layer that thickens to the base."""
    down = 1 - np.clip((v[:, 2] - low[2]) / (high[2] - low[2]), 0, 1)
    depth = (high[1] - low[1]) * amount * (0.12 + 0.36 * down)
    out = v.copy()
    out[:, 1] = np.maximum(v[:, 1], high[1] - depth)
    return out


def collapsed(
    edits: Sequence[Edit], lungs: Mapping[str, Surface], vessels: Tubes, air: float
) -> tuple[dict[str, Surface], Tubes]:
    """Return the air of a pneumothorax round a lung that has sunk towards its hilum, and the vessels that sank with it.

    ``air`` is the weight of gas less flesh. Returned surfaces replace those of ``lungs`` and are drawn inside them.
    """
    out: dict[str, Surface] = {}
    start, end = vessels.start, vessels.end
    for edit in (e for e in edits if e.kind == "pneumothorax"):
        side = "l" if edit.laterality == "L" else "r"
        lung = lungs[f"lung_{side}"]
        v = lung.vertices
        low, high = v.min(0), v.max(0)
        outer = np.float32(1.0 if side == "l" else -1.0)
        inner_x = low[0] if side == "l" else high[0]
        hilum = np.array(
            (inner_x + outer * 28, (low[1] + high[1]) / 2, low[2] + 0.5 * (high[2] - low[2])), np.float32
        )
        share = np.float32(0.06 + 0.5 * edit.amount)
        mine = (outer * start[:, 0] > outer * inner_x) & (outer * (start[:, 0] - inner_x) < high[0] - low[0])
        out[f"lung_{side}"] = Surface(v, lung.triangles, air)
        sunk = _sunk(v, hilum, high, share)
        out[f"lung_{side}_sunk"] = Surface(
            sunk, lung.triangles, (lung.weight - air) * (1 + 1.5 * float(share))
        )
        start = np.where(mine[:, None], _sunk(start, hilum, high, share), start)
        end = np.where(mine[:, None], _sunk(end, hilum, high, share), end)
    moved = Tubes(start, end, vessels.start_radius_mm, vessels.end_radius_mm, vessels.weight)
    return out, moved


def _sunk(v: F32, hilum: F32, high: F32, share: np.float32) -> F32:
    """Return points drawn towards the hilum by a share, most at the apex: air rises."""
    up = np.clip((v[:, 2] - hilum[2]) / (high[2] - hilum[2]), -0.6, 1)
    pull = share * (np.float32(0.62) + np.float32(0.38) * up)
    return np.asarray(v + pull[:, None] * (hilum - v), np.float32)


def congested(edits: Sequence[Edit], vessels: Tubes, top: float, base: float) -> Tubes:
    """Return lung vessels of a failing heart: those of the upper zones as wide as the lower ones, or wider.

    ``top`` and ``base`` are the lungs' heights, mm. Vessels of the upper zones of somebody upright are about half
    as wide as those of the lower ones; equal or wider is the first stage of congestion (Turner, BMJ 1:1357, 1967).
    """
    amount = sum(e.amount for e in edits if e.kind == "congestion")
    if not amount:
        return vessels
    z = (vessels.start[:, 2] - np.float32(base)) / np.float32(top - base)
    upper = np.clip((z - 0.45) / 0.3, 0, 1).astype(np.float32)
    grow = 1 + np.float32(min(amount, 1.0)) * (np.float32(0.12) + np.float32(0.5) * upper)
    return Tubes(
        vessels.start,
        vessels.end,
        vessels.start_radius_mm * grow,
        vessels.end_radius_mm * grow,
        vessels.weight,
    )


def septal_lines(edits: Sequence[Edit], lungs: Mapping[str, Surface], weight: float) -> dict[str, Tubes]:
    """Return Kerley's B lines: level, 1 to 2 cm long, at the outer wall above the angles; thickened septa."""
    rows = []
    for edit in (e for e in edits if e.kind == "congestion" and e.amount > 0.45):
        for name, lung in lungs.items():
            v = lung.vertices.astype(np.float64)
            low, high = v.min(0), v.max(0)
            outer = 1.0 if name.endswith("l") else -1.0
            edge = v[(outer * v[:, 0] > outer * (low[0] + high[0]) / 2)]
            for k in range(int(26 * edit.amount)):
                a, b, c = (float(unit(edit.key, 200 * (outer > 0) + 4 * k + m)) for m in range(3))
                z = low[2] + (high[2] - low[2]) * (0.10 + 0.32 * a)
                y = low[1] + (high[1] - low[1]) * (0.25 + 0.5 * b)
                near = edge[(np.abs(edge[:, 2] - z) < 12) & (np.abs(edge[:, 1] - y) < 25)]
                if len(near):
                    x = float((outer * near[:, 0]).max()) * outer
                    rows.append(
                        (
                            (x - outer * 1.5, y, z),
                            (x - outer * (9 + 11 * c), y + 3 * c, z + 2 * c),
                            0.6 + 0.25 * b,
                        )
                    )
    if not rows:
        return {}
    start, end = (np.array([r[k] for r in rows], np.float32) for k in (0, 1))
    radius = np.array([r[2] for r in rows], np.float32)
    return {"septa": Tubes(start, end, radius, radius, weight)}


def broken(ribs: Mapping[str, bone.Bone], edits: Sequence[Edit]) -> dict[str, bone.Bone]:
    """Return bones by name with the fractures of the edits in them: cut, and the front part moved inwards.

    Of an edit: ``part`` is a key of ``ribs``. Numbers: ``along`` (0 at the spine … 1 at the cartilage), ``shift_mm``,
    ``healed`` (0 … 1, the gap closes).
    """
    out = dict(ribs)
    for edit in edits:
        if edit.kind == "fracture" and edit.part in out:
            out[edit.part] = _broken(out[edit.part], edit)
    return out


_AXIS_Y_MM, _AXIS_X_MM = 185.0, 25.0
"""Ribs run round this upright line of the atlas, on their side, from behind to the front."""


def _broken(rib: bone.Bone, edit: Edit) -> bone.Bone:
    v = rib.vertices.astype(np.float64)
    outer = 1.0 if v[:, 0].mean() > 0 else -1.0
    aside, back = outer * v[:, 0] - _AXIS_X_MM, v[:, 1] - _AXIS_Y_MM
    turn = np.where(aside > 0, 1 - back / (np.abs(aside) + np.abs(back) + 1e-9), np.where(back > 0, 0.0, 2.0))
    along = edit.numbers.get("along", 0.4 + 0.25 * float(unit(edit.key, 1)))
    place = turn.min() + along * (turn.max() - turn.min())
    near = v[np.abs(turn - place) < 0.06]
    if len(near) < 4:
        return rib
    middle = near.mean(0)
    close = ((v - middle) ** 2).sum(1) < 22.0**2
    ahead, behind = v[close & (turn > place + 0.05)], v[close & (turn < place - 0.05)]
    if not len(ahead) or not len(behind):
        return rib
    way = ahead.mean(0) - behind.mean(0)
    way /= float((way * way).sum()) ** 0.5
    tilt = np.array([0.9 * (2 * float(unit(edit.key, 2 + c)) - 1) for c in range(3)])
    rear, front = bone.cut(rib, _vec(middle), _vec(way + tilt), 1.0, edit.key)
    healed = edit.numbers.get("healed", 0.0)
    gap = 0.9 * (1 - healed)
    inwards = 1.5 * np.array((-outer, 0.0, 0.0)) * edit.numbers.get("shift_mm", 1.0 + 3.0 * edit.amount)
    drop = np.array((0.0, 0.0, -0.7 - 2.6 * float(unit(edit.key, 7)) * edit.amount))
    matrix = np.concatenate([np.eye(3), (inwards + drop + gap * way)[:, None]], axis=1)
    whole = bone.joined([rear, bone.moved(front, matrix)], rib.name)
    return replace(whole, vertices=_callus(whole.vertices, middle, way, healed)) if healed else whole


_CALLUS_MM = 15.0
"""How far callus reaches along a rib on either side of a break (ours)."""


def _callus(v: F32, middle: F64, way: F64, healed: float) -> F32:
    """Return a broken bone's outer corners with callus: a spindle, thickest at two fifths of the healing, then half as thick."""
    swollen = min(healed / 0.4, 1.0) * (1 - 0.5 * max(healed - 0.4, 0.0) / 0.6)
    d = v.astype(np.float64) - middle
    s = (d[:, 0] * way[0] + d[:, 1] * way[1]) + d[:, 2] * way[2]
    radial = d - s[:, None] * way
    far = np.sqrt((radial[:, 0] ** 2 + radial[:, 1] ** 2) + radial[:, 2] ** 2)
    share = np.where(far < _CALLUS_MM, np.maximum(1 - (s / _CALLUS_MM) ** 2, 0.0) ** 2, 0.0)
    grow = 3.2 * swollen * share / np.maximum(far, 2.0)
    return np.asarray(v + radial * grow[:, None], np.float32)


def _vec(v: F64) -> tuple[float, float, float]:
    return float(v[0]), float(v[1]), float(v[2])
