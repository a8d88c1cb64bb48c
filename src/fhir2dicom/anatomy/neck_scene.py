"""Head and neck on the patient's own trunk: a film of the cervical spine shows shoulders, collar bones, lungs' apices.

The trunk is the chest film's, shifted so that its first thoracic vertebra stands below the seventh cervical one; its
own copies of the neck's vertebrae are left out. Both skins end at one level, so that nothing lies twice.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import bone_cut, torso_scene
from fhir2dicom.anatomy.bone import F32, I32, Bone
from fhir2dicom.anatomy.skull_frame import Frame, neck_point
from fhir2dicom.anatomy.torso import Torso
from fhir2dicom.anatomy.torso_shape import leaning
from fhir2dicom.model import Edit, Surface, Vec3

F64 = npt.NDArray[np.float64]

_FIRST = "vertebra_43"
"""The first thoracic vertebra in the trunk's atlas."""
_COPIES = tuple(f"vertebra_{k}" for k in range(44, 49))
_KEPT = ("lung_r", "lung_l", "cartilage")
_JOIN_MM = 60.0
"""How high above the first thoracic vertebra the trunk's skin ends and the neck's begins, atlas mm of the trunk."""
_BLEND_MM = 66.0
"""Over how much above the join the neck's skin widens to the trunk's."""


def on_trunk(head: dict[str, Surface], frame: Frame, torso: Torso, pose: str) -> dict[str, Surface]:
    """Return the surfaces of head, neck and upper trunk, in the patient as ``frame`` places the head."""
    trunk = torso_scene.outlines(torso.person, torso.seed, torso.warp, torso.grown, pose)
    first = frame.point(neck_point(9.5, -142.0), 1.0)
    shift = np.array(first, np.float32) - _body(torso)
    rise = _JOIN_MM * torso.warp.scale[2]
    level = (first[0], first[1], round(first[2] + rise, 3))
    out = dict(head)
    for name in ("skin", "lean"):
        own = _moved(trunk[name], shift)
        wide = _widened(_widened(head[name], own, level), own, level)  # again: directions share corners
        upper = _cut(wide, level, above=True)
        lower = _cut(own, level, above=False)
        out[name] = _joined(upper, lower)
    below = frame.point(neck_point(-14.0, -150.0), 1.0)
    out["air_throat"] = _joined(
        _cut(head["air_throat"], below, above=True), _cut(_moved(trunk["airway"], shift), below, above=False)
    )
    for name in _KEPT:
        out[name] = _moved(trunk[name], shift)
    bone, marrow = trunk["bone"], trunk["marrow"]
    kept = _without_copies(torso, bone)
    triangles = bone.triangles[kept[bone.triangles[:, 0]]]  # a bone goes as a whole
    out["bone_trunk"] = _moved(replace(bone, triangles=triangles, weight=head["bone_neck"].weight), shift)
    out["marrow_trunk"] = _moved(
        replace(marrow, triangles=triangles, weight=head["marrow_neck"].weight), shift
    )
    for name in (n for n in trunk if n.startswith("humerus")):
        like = {"marrow": "marrow_neck", "canal": ""}.get(name.partition(" ")[2], "bone_neck")
        out[name] = _moved(replace(trunk[name], weight=head[like].weight) if like else trunk[name], shift)
    return out


def _placed(torso: Torso, name: str) -> F32:
    v = torso_scene.atlas()[name].vertices
    return torso.warp.to_patient(leaning(v, np.zeros(len(v), np.float32)))


def _body(torso: Torso) -> F32:
    """Return the middle of the first thoracic vertebra's body in the trunk, mm."""
    v = _placed(torso, _FIRST)
    front = v[v[:, 1] < v[:, 1].min() + 17.0 * torso.warp.scale[1]]
    return np.asarray((front.min(axis=0) + front.max(axis=0)) / 2, np.float32)


def _without_copies(torso: Torso, bone: Surface) -> npt.NDArray[np.bool_]:
    """Return which vertices of the trunk's bones are not those of its copies of the neck."""
    kept = np.ones(len(bone.vertices), np.bool_)
    spans = torso_scene.spans([g for g in torso.grown if isinstance(g, Edit)])
    for name in _COPIES:
        kept[spans[name]] = False
    return kept


def _moved(surface: Surface, shift: F32) -> Surface:
    return replace(surface, vertices=(surface.vertices + shift).astype(np.float32))


def _cut(surface: Surface, level: Vec3, *, above: bool) -> Surface:
    whole = Bone("", surface.vertices, surface.vertices, surface.triangles)
    side = bone_cut.above if above else bone_cut.below
    part = side(whole, level, (0.0, 0.0, 1.0), bone_cut.Relief())
    return replace(surface, vertices=part.vertices, triangles=part.triangles)


def _widened(neck: Surface, trunk: Surface, level: Vec3) -> Surface:
    """Return the neck's skin as wide at ``level`` as the trunk's, direction by direction, and as it was further up."""
    v = neck.vertices.copy()
    share = np.clip(1 - (v[:, 2] - level[2]) / _BLEND_MM, 0, 1)
    share *= share * (2 - share)  # still widening where the trunk goes on
    here, there = (_section(s, level[2]) for s in (neck, trunk))
    middle = (here.min(axis=0) + here.max(axis=0)) / 2
    near = share > 0
    way = v[near, :2] - middle
    w = _towards(way)
    stretch = (w * (_radii(there - middle) / _radii(here - middle))).sum(axis=1) / w.sum(axis=1)
    v[near, :2] = middle + way * (1 + share[near] * (stretch - 1))[:, None]
    return replace(neck, vertices=v.astype(np.float32))


_WAYS = 48
_DIRECTIONS = np.array(
    [
        (round(math.cos(2 * math.pi * k / _WAYS), 9), round(math.sin(2 * math.pi * k / _WAYS), 9))
        for k in range(_WAYS)
    ]
)
_NEAR = round(math.cos(2.2 * math.pi / _WAYS), 9)
"""Cosine of what counts as the same direction."""


def _towards(way: F64) -> F64:
    """Return (points, directions): how much a point lies in each direction, 0 where it does not."""
    length = np.sqrt((way * way).sum(axis=1)) + 1e-6
    cosine = (way[:, :1] * _DIRECTIONS[:, 0] + way[:, 1:2] * _DIRECTIONS[:, 1]) / length[:, None]
    return np.asarray(np.maximum(cosine - _NEAR, 0.0))


def _radii(ring: F64) -> F64:
    """Return how far a section reaches in each direction, mm; where no corner lies, as far as its neighbours."""
    w = _towards(ring)
    far = np.sqrt((ring * ring).sum(axis=1))
    weight = w.sum(axis=0)
    out = (w * far[:, None]).sum(axis=0) / np.maximum(weight, 1e-9)
    known = np.flatnonzero(weight > 1e-6)
    where = np.arange(_WAYS)
    return np.asarray(np.interp(where, known, out[known], period=_WAYS))


def _section(surface: Surface, z: float) -> F64:
    """Return where a surface's edges cross a height: (points, 2), mm."""
    low = (surface.vertices[:, 2] < z)[surface.triangles]
    t = surface.triangles[low.any(axis=1) & ~low.all(axis=1)]
    v = surface.vertices.astype(np.float64)
    a, b = (np.concatenate([t[:, k] for k in order]) for order in ((0, 1, 2), (1, 2, 0)))
    crossing = (v[a, 2] < z) != (v[b, 2] < z)
    p, q = v[a[crossing]], v[b[crossing]]
    ring = p + (q - p) * ((z - p[:, 2:]) / (q[:, 2:] - p[:, 2:]))
    return np.asarray(ring[:, :2])


def _joined(a: Surface, b: Surface) -> Surface:
    triangles: I32 = np.concatenate([a.triangles, b.triangles + np.int32(len(a.vertices))])
    return replace(a, vertices=np.concatenate([a.vertices, b.vertices]), triangles=triangles)
