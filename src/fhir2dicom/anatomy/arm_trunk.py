"""The arm on the trunk: shoulder, collar bone and ribs of the torso atlas with the whole arm of the arm atlas.

Flesh of the trunk ends at a plane from the socket along the inner side of the arm; beyond it is the arm's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import arm, arm_pads, bone, bone_cut, torso, torso_scene
from fhir2dicom.anatomy.arm import Arm
from fhir2dicom.anatomy.arm_breaks import shaft_broken
from fhir2dicom.anatomy.arm_hung import hangs, hung
from fhir2dicom.anatomy.arm_parts import ALL, LONG
from fhir2dicom.anatomy.bone import F32, I32, Bone
from fhir2dicom.model import Edit, Grown, Laterality, Person, Scene, Surface, Tubes, Vec3
from fhir2dicom.seed import Seed

F64 = npt.NDArray[np.float64]
SPAN_MM = (60.0, 320.0)
"""Heights of the torso atlas that a shoulder's region covers, mm."""

_MEET = 0.76
"""Where the trunk's flesh of the arm ends and the arm's own begins, in lengths of the humerus."""
_ASIDE_MM = 46.0
"""From the humerus to where the arm leaves the trunk at that height: their meshes touch."""
_BLEND_MM = 90.0
"""On what length the arm's flesh takes the trunk's width."""


@dataclass(frozen=True, eq=False, slots=True)
class Shoulder:
    """Trunk and arm of the right side; the left one is mirrored into it."""

    scene: Scene
    collar: Bone
    """In the patient; the scene's bones hold it already."""
    head: Vec3
    """Centre of the humeral head."""
    arm: Arm
    """In the patient."""
    scale: float
    """Size of the arm beside the atlas'."""


def shoulder(
    person: Person,
    seed: Seed,
    grown: tuple[Grown, ...],
    pose: str,
    side: Laterality,
    *,
    turn: tuple[float, float],
) -> Shoulder:
    """Return one side's shoulder as a right one.

    ``pose`` is the torso's; ``turn``: cosine and sine of the arm's turn about its length, the thumb to the front and on
    to the trunk.
    """
    mine = tuple(g for g in grown if isinstance(g, Edit) and _ours(g) and g.laterality in ("", side))
    rest = [g for g in grown if not _ours(g)]
    trunk = torso.build(person, seed, rest, SPAN_MM).scene(pose)
    surfaces = {n: _mirrored(s) if side == "L" else s for n, s in trunk.surfaces.items()}
    spans = torso_scene.spans([g for g in rest if isinstance(g, Edit)])
    humerus, clavicle = (f"{n}_{'l' if side == 'L' else 'r'}" for n in ("humerus", "clavicle"))
    outer, inner = surfaces["bone"], surfaces["marrow"]
    head, way = hangs(outer.vertices[spans[humerus]], torso_scene.atlas()[humerus].vertices, side)
    limb = arm.moved(arm.arm(person, seed, mine, LONG), lambda v: bone.transformed(v, hung(way, head, turn)))
    scale = arm.sizes(person)[0]
    collar = _bone(clavicle, outer, inner, spans)
    for edit in mine:
        if edit.part == "clavicle":
            collar = shaft_broken(collar, edit)
    surfaces |= _without(outer, inner, spans[clavicle])
    surfaces = {n: s for n, s in surfaces.items() if not n.startswith(humerus)}
    surfaces["collar"] = Surface(collar.vertices, collar.triangles, outer.weight)
    surfaces["collar marrow"] = replace(inner, vertices=collar.inner, triangles=collar.triangles)
    surfaces |= _fleshed(surfaces, limb, head, _aside_mm(person) * scale)
    own = bone.surfaces(limb.bones, person) | arm_pads.surfaces(limb.pads)
    surfaces |= {f"arm {n}": s for n, s in own.items()}
    tubes = {n: _mirrored_tubes(t) if side == "L" else t for n, t in trunk.tubes.items()}
    return Shoulder(Scene(surfaces, tubes), collar, head, limb, scale)


def _without(outer: Surface, inner: Surface, gone: slice) -> dict[str, Surface]:
    """Return the bones of the trunk without one of them."""
    first = outer.triangles[:, 0]
    keep = (first < gone.start) | (first >= gone.stop)
    triangles = np.ascontiguousarray(outer.triangles[keep])
    return {"bone": replace(outer, triangles=triangles), "marrow": replace(inner, triangles=triangles)}


def _ours(g: Grown) -> bool:
    """Return whether an edit is the arm's or the collar bone's, and not the trunk's."""
    return isinstance(g, Edit) and g.part in ("clavicle", *ALL)


def _bone(name: str, outer: Surface, inner: Surface, spans: dict[str, slice]) -> Bone:
    """Return one bone out of a scene's."""
    s = spans[name]
    mine = outer.triangles[(outer.triangles[:, 0] >= s.start) & (outer.triangles[:, 0] < s.stop)]
    return Bone(name, outer.vertices[s], inner.vertices[s], (mine - s.start).astype(np.int32))


def _fleshed(surfaces: dict[str, Surface], limb: Arm, head: Vec3, aside: float) -> dict[str, Surface]:
    """Return the trunk's flesh down to the lower arm, and the arm's own beyond, as thick as the trunk's where they meet."""
    elbow = np.array(limb.at["elbow"])
    way = elbow - np.array(head)
    at, normal = _vec(np.array(head) + way * _MEET), _vec(way)
    edge = at[0] + aside
    out = {}
    for name, arms in (("skin", limb.skin), ("lean", limb.muscle)):
        own = surfaces[name]
        above, below = _split(own.vertices, own.triangles, at, normal)
        trunk, stump = bone.cut(below, (edge, at[1], at[2]), (-1.0, 0.0, 0.0))
        whole = bone.joined([above, trunk])
        rounded = _rounded(whole.vertices, _height(whole.vertices, at, _unit(way)), edge, aside / _ASIDE_MM)
        out[name] = Surface(rounded, whole.triangles, own.weight, own.detail)
        fitted = _fitted(arms, _beyond(arms, limb.triangles, at, normal), stump, at, way)
        part = _beyond(fitted, limb.triangles, at, normal)
        out[f"{name} arm"] = Surface(part.vertices, part.triangles, own.weight, own.detail)
    return out


def _rounded(v: F32, beyond: F64, edge: float, scale: float) -> F32:
    """Return the trunk's flesh with the side that the arm was cut from as round as a flank; ``beyond`` the plane, mm."""
    q = v.astype(np.float64)
    middle = 10.0 * scale
    inside = np.clip((q[:, 0] - edge) / (55.0 * scale), 0.02, 1.0)
    round_off = 1 - np.sqrt(inside * (2 - inside))
    share = np.clip(beyond / (40.0 * scale), 0.0, 1.0) * (q[:, 0] > edge - 0.5)
    q[:, 1] = middle + (q[:, 1] - middle) * (1 - round_off * share)
    return np.asarray(q, np.float32)


def _aside_mm(person: Person) -> float:
    """Return how far from an adult's humerus the arm leaves the trunk: a stout trunk pushes its arm's flesh out."""
    return _ASIDE_MM - 1.6 * min(max(person.bmi - 27.0, 0.0), 12.0)


def _split(v: F32, t: I32, at: Vec3, normal: Vec3) -> tuple[Bone, Bone]:
    """Return what is nearer and what is farther than a plane across the arm."""
    return bone.cut(Bone("flesh", v, v, t), at, normal)


def _beyond(v: F32, t: I32, at: Vec3, normal: Vec3) -> Bone:
    """Return what is farther than a plane across the arm."""
    return bone_cut.above(Bone("flesh", v, v, t), at, normal, bone_cut.Relief(0.0))


def _fitted(v: F32, part: Bone, stump: Bone, at: Vec3, way: F64) -> F32:
    """Return the arm's flesh as wide all around as the stump where it meets it, and as it was a hand's breadth on."""
    n = _unit(way)
    wanted, own = (_rim(b.vertices, at, n) for b in (stump, part))
    share = np.clip(1 - _height(v, at, n) / _BLEND_MM, 0.0, 1.0)
    share = (share * share * (3 - 2 * share))[:, None]
    p = v.astype(np.float64)
    reach, turn = _polar(p - own[0])
    ratio = _read(wanted[1], turn) / _read(own[1], turn)
    moved = p.copy()
    moved[:, :2] = wanted[0][:2] + (p[:, :2] - own[0][:2]) * ratio[:, None]
    return np.asarray(p + (moved - p) * share * (reach > 0)[:, None], np.float32)


def _unit(way: F64) -> F64:
    return np.asarray(way / float((way * way).sum()) ** 0.5)


def _height(v: F32, at: Vec3, n: F64) -> F64:
    d = v.astype(np.float64) - np.array(at)
    return np.asarray((d[:, 0] * n[0] + d[:, 1] * n[1]) + d[:, 2] * n[2])


_AROUND = 48
"""Directions in which a rim's width is known."""


def _rim(v: F32, at: Vec3, n: F64) -> tuple[F64, F64]:
    """Return the middle of the points on a plane across the arm, and how far they reach in `_AROUND` directions, mm."""
    ring = v[np.abs(_height(v, at, n)) < 0.3].astype(np.float64)
    middle = (ring.min(0) + ring.max(0)) / 2
    reach, turn = _polar(ring - middle)
    edge = reach > 0.8 * _farthest(reach, turn, 12)[(turn * 3).astype(np.int64) % 12]
    order = np.argsort(turn[edge], kind="stable")
    far, where = reach[edge][order], turn[edge][order]
    around = np.arange(_AROUND) * (4 / _AROUND)
    return middle, np.interp(around, np.r_[where - 4, where, where + 4], np.r_[far, far, far])


def _farthest(reach: F64, turn: F64, parts: int) -> F64:
    """Return the largest reach in each part of the round."""
    out = np.zeros(parts)
    np.maximum.at(out, (turn * parts / 4).astype(np.int64) % parts, reach)
    return out


def _polar(d: F64) -> tuple[F64, F64]:
    """Return the distance of points (n, 3) from the middle in x and y, and a turn of 0 … 4 that grows with the angle."""
    x, y = d[:, 0], d[:, 1]
    reach = np.sqrt(x * x + y * y)
    t = y / np.maximum(np.abs(x) + np.abs(y), 1e-9)
    return reach, np.where(x >= 0, np.where(y >= 0, t, 4 + t), 2 - t)


def _read(table: F64, turn: F64) -> F64:
    """Return a rim's reach at turns of 0 … 4."""
    return np.asarray(np.interp(turn, np.arange(_AROUND + 1) * (4 / _AROUND), np.r_[table, table[:1]]))


def _mirrored(s: Surface) -> Surface:
    triangles = np.ascontiguousarray(s.triangles[:, ::-1])
    return replace(s, vertices=s.vertices * np.array((-1, 1, 1), np.float32), triangles=triangles)


def _mirrored_tubes(t: Tubes) -> Tubes:
    flip = np.array((-1, 1, 1), np.float32)
    return replace(t, start=t.start * flip, end=t.end * flip)


def sided(scene: Scene, side: Laterality) -> Scene:
    """Return a right side's scene on its own side."""
    if side != "L" or scene.aim is None:
        return scene
    surfaces = {n: _mirrored(s) for n, s in scene.surfaces.items()}
    tubes = {n: _mirrored_tubes(t) for n, t in scene.tubes.items()}
    return Scene(surfaces, tubes, (-scene.aim[0], scene.aim[1], scene.aim[2]), scene.size_mm)


def _vec(p: F64) -> Vec3:
    return float(p[0]), float(p[1]), float(p[2])
