"""The head in a panoramic machine: the same skull, jaw and teeth as on other films, with its bite nearly level."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from fhir2dicom.anatomy import bone, mouth
from fhir2dicom.anatomy.bone import F32, I32, load, meshes, transformed
from fhir2dicom.anatomy.head_warp import HeadWarp
from fhir2dicom.anatomy.skull_bones import FLESH
from fhir2dicom.anatomy.skull_frame import Frame
from fhir2dicom.anatomy.skull_jaw import jaw
from fhir2dicom.anatomy.skull_teeth import placed, ridges
from fhir2dicom.errors import PlanError
from fhir2dicom.model import Grown, Person, Vec3
from fhir2dicom.model.panorama import Panorama, Standing
from fhir2dicom.seed import Seed

_NOD_DEG = 20.0
"""Chin up beside the atlas until the bite falls forwards by about 8°, as a bite block holds it: the jaw's lower edge makes a smile."""
_BITE_BLOCK_DEG = 3.0
"""How far the jaw hangs: incisors stand edge to edge on a block of a few mm."""

_AHEAD_MM = 4.5
"""How far the jaw is put forwards for that."""
_TOP_MM, _REAR_MM = 20.0, 110.0
"""Atlas z above which, and y behind which, nothing of the skull can fall on a film."""

_ARCH: tuple[Vec3, ...] = (
    # middle of teeth and jaw on the left side, atlas mm, from the midline to behind the ramus
    (0.0, -53.0, -122.0),
    (8.0, -51.0, -121.0),
    (14.5, -46.0, -119.0),
    (19.0, -39.0, -116.0),
    (23.0, -30.0, -112.0),
    (28.0, -21.0, -107.0),
    (34.5, -12.0, -102.0),
    (42.0, -3.0, -92.0),
    (46.5, 5.0, -80.0),
    (49.0, 14.0, -66.0),
    (51.5, 26.0, -60.0),
    (55.0, 115.0, -60.0),
)
_CANAL: tuple[Vec3, ...] = (
    (46.0, 3.0, -80.0),
    (45.0, -1.0, -92.0),
    (42.0, -8.0, -106.0),
    (36.0, -18.0, -119.0),
    (29.0, -29.0, -128.0),
    (24.0, -36.0, -131.5),
    (21.5, -40.5, -128.5),
)
"""From the lingula to the mental foramen, left."""
_PALATE: tuple[Vec3, ...] = ((0.0, -62.0, -86.5), (0.0, -40.0, -87.0), (0.0, -16.0, -86.0))
_EAR: tuple[Vec3, ...] = ((66.0, 24.0, -62.0), (66.0, 26.0, -78.0))
_SPINE: tuple[Vec3, ...] = ((0.0, 48.0, -70.0), (0.0, 62.0, -170.0))


def panorama(person: Person, seed: Seed, warp: HeadWarp, grown: Sequence[Grown]) -> Panorama:
    """Return jaws and face of a patient, broken and dislocated as ``grown`` says.

    Raises
    ------
    PlanError
        The patient is too young to have teeth.
    """
    if person.age_years < mouth.YOUNGEST_YEARS:
        raise PlanError("mandible", "no panoramic film is taken of an infant")
    frame = Frame(warp, person.age_years, _NOD_DEG)
    own = mouth.build(person, seed, grown).mouth()
    found = placed(own, person, frame)
    low = jaw(person, frame, [t for t in found if not t.upper], grown, _BITE_BLOCK_DEG)
    both = bone.surfaces(low.bones, person, FLESH)
    cortex, marrow = bone.weights(person, FLESH)
    weights = {"skull": cortex, "cancellous": 0.96 * marrow, "air": -FLESH}
    ahead = np.array((0.0, -_AHEAD_MM * min(person.age_years / 12.0, 1.0), 0.0), np.float32)
    lines = _lines(frame)
    if low.swing is not None:
        lines |= {k: transformed(lines[k], low.swing) for k in ("canal_r", "canal_l")}
    lines |= {k: lines[k] + ahead for k in ("canal_r", "canal_l")}
    standing = [Standing(t.tooth, t.at, t.tip) for t in found if t.upper]
    standing += [Standing(t.tooth, t.at + ahead, t.tip + ahead) for t in low.teeth]
    closed = ridges(person, own.spaces, frame)
    open_ = closed if low.swing is None else transformed(closed, low.swing)
    return Panorama(
        mouth=own,
        ridges=tuple((s, closed[k] if s.upper else open_[k] + ahead) for k, s in enumerate(own.spaces)),
        teeth=tuple(standing),
        jaw=tuple((s.vertices + ahead, s.triangles, s.weight) for s in (both["bone"], both["marrow"])),
        face=tuple((frame.place(v), t, weights[n]) for n in weights for v, t in [_front(n)]),
        arch=_arch(frame),
        lines=lines,
    )


@cache
def _front(name: str) -> tuple[F32, I32]:
    """Return the part of a mesh that may fall on a film; what is left out lies beyond its edges, so nothing is open on it."""
    v, t = meshes("skull")[name]
    seen = (v[:, 2] < _TOP_MM) & (v[:, 1] < _REAR_MM)
    kept = t[seen[t].any(axis=1)]
    used = np.unique(kept)
    place = np.zeros(len(v), np.int32)
    place[used] = np.arange(len(used), dtype=np.int32)
    return v[used], place[kept]


def _arch(frame: Frame) -> F32:
    left = np.array(_ARCH, np.float32)
    right = left[:0:-1] * np.array((-1, 1, 1), np.float32)
    return _rounded(frame.place(np.concatenate([right, left]))[:, :2])


def _rounded(p: F32) -> F32:
    """Return a curve with each corner cut off (Chaikin)."""
    a, b = (
        p[:-1] * np.float32(0.75) + p[1:] * np.float32(0.25),
        p[:-1] * np.float32(0.25) + p[1:] * np.float32(0.75),
    )
    inner = np.stack([a, b], axis=1).reshape(-1, p.shape[1])
    return np.concatenate([p[:1], inner[1:-1], p[-1:]]).astype(np.float32)


def _lines(frame: Frame) -> dict[str, F32]:
    canal, ear = np.array(_CANAL, np.float32), np.array(_EAR, np.float32)
    other = np.array((-1, 1, 1), np.float32)
    hyoid = load("skull")["hyoid"].vertices
    return {
        "canal_l": _rounded(frame.place(canal)),
        "canal_r": _rounded(frame.place(canal * other)),
        "ear_l": frame.place(ear),
        "ear_r": frame.place(ear * other),
        "palate": frame.place(np.array(_PALATE, np.float32)),
        "spine": frame.place(np.array(_SPINE, np.float32), 1.0),
        "hyoid": frame.place(hyoid[::8], 1.0),
    }
