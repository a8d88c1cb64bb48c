"""Where the head atlas lies in a film's patient: growth of the face and neck, the head's own warp, and the pose.

The CT's warp is written from the patient to the atlas; a mesh needs the other way, which is found by repeating
p = (q - displacement(p)): displacements are small and smooth, so each round leaves a tenth of the error, .03 mm in the end. The head of a
film is not tilted as the gantry found it: a radiographer lays the orbitomeatal line level, which is the atlas' own axis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.bone import F32
from fhir2dicom.anatomy.head_warp import CONTROL_MM, HeadWarp
from fhir2dicom.anatomy.tissues import between
from fhir2dicom.model import Vec3

F64 = npt.NDArray[np.float64]

CONDYLES: Vec3 = (0.0, 44.0, -66.0)
"""Middle of the occipital condyles, atlas mm: head turns on neck here."""
NECK_DEG, NECK_COS_SIN = 12.0, (0.9781, 0.2079)
"""12°, and its cosine and sine: between the planes of Frankfurt and of the commissures. A neck stands upright below the former."""

NECK_GROWN = 1.08
"""How much larger than life the neck was built, to fit the atlas' head (atlas/build_neck.py)."""

FACE_HEIGHT = ((0.0, 0.60), (1.0, 0.70), (3.0, 0.78), (6.0, 0.85), (12.0, 0.94), (18.0, 1.0))
"""Height of the face beside the cranium's growth, by age in years, of the adult's. Cephalometric series have the
nasion-menton height at about .6 of the adult's in the first year and .85 at six, the vault at .82 and .92; ours."""
FACE_DEPTH = ((0.0, 0.82), (1.0, 0.86), (6.0, 0.93), (12.0, 0.97), (18.0, 1.0))
NECK_SIZE = ((0.0, 0.55), (1.0, 0.62), (3.0, 0.70), (6.0, 0.79), (12.0, 0.92), (18.0, 1.0))
"""Size of the neck beside the cranium's growth, by age in years (ours, from the proportions of the whole body)."""

GROWN_UP = FACE_HEIGHT[-1][0]
"""Age from which face and neck are as large as the vault, years: all tables above end at it."""

_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Frame:
    """The way from atlas points to one patient in one pose."""

    warp: HeadWarp
    age_years: float
    nod_deg: float = 0.0
    """Head and neck together, chin up positive."""

    def place(self, points: F32, neck: float = 0.0) -> F32:
        """Return atlas points (n, 3) in the patient, mm; ``neck`` 1: bones of the neck, 0: the head's growth alone."""
        p = points.astype(np.float64)
        if neck < 1.0:
            p = _face(p, self.age_years)
        p = _unbent(self.warp, _short(p, between(NECK_SIZE, self.age_years), neck))
        p *= np.array(self.warp.scale)
        return np.asarray(self.turned(p), np.float32)

    def skin(self, points: F32) -> F32:
        """Return points of skin and airway: the head's above, the neck's below, blended between."""
        if self.age_years >= GROWN_UP:
            return self.place(points)
        p = points.astype(np.float64)
        down = _below(p)
        share = _step(0.0, 45.0, down) * _step(-70.0, -38.0, p[:, 1] - CONDYLES[1])
        head, neck = self.place(points), self.place(points, 1.0)
        return (head + (neck - head) * share[:, None].astype(np.float32)).astype(np.float32)

    def point(self, at: Vec3, neck: float = 0.0) -> Vec3:
        """Return one point of the atlas in the patient, mm."""
        x, y, z = (round(float(v), 3) for v in self.place(np.array([at], np.float32), neck)[0])
        return x, y, z

    def turned(self, p: F64) -> F64:
        """Return patient points nodded about the condyles."""
        if not self.nod_deg:
            return p
        a = math.radians(self.nod_deg)
        c, s = round(math.cos(a), 9), round(math.sin(a), 9)
        y0, z0 = CONDYLES[1] * self.warp.scale[1], CONDYLES[2] * self.warp.scale[2]
        y, z = p[:, 1] - y0, p[:, 2] - z0
        return np.stack([p[:, 0], c * y + s * z + y0, c * z - s * y + z0], axis=1)


def neck_point(back: float, up: float) -> Vec3:
    """Return the atlas point that lies so many mm behind and above the condyles along an upright neck."""
    c, s = NECK_COS_SIN
    y, z = back * NECK_GROWN, up * NECK_GROWN
    return 0.0, c * y - s * z + CONDYLES[1], c * z + s * y + CONDYLES[2]


def _below(p: F64) -> F64:
    """Return how far points lie below the condyles along the neck, mm."""
    c, s = NECK_COS_SIN
    return np.asarray(s * (p[:, 1] - CONDYLES[1]) - c * (p[:, 2] - CONDYLES[2]))


def _face(p: F64, age: float) -> F64:
    """Return points with the face as small as it is at an age: lower and flatter, from the orbits' floor down."""
    if age >= GROWN_UP:
        return p
    tall, deep = between(FACE_HEIGHT, age), between(FACE_DEPTH, age)
    front = 1 - _step(-12.0, 34.0, p[:, 1])
    low = np.maximum(-34.0 - p[:, 2], 0.0)
    lower = _step(0.0, 40.0, low)
    out = p.copy()
    out[:, 2] += low * (1 - tall) * front
    out[:, 1] += np.maximum(8.0 - p[:, 1], 0.0) * (1 - deep) * lower
    out[:, 0] *= 1 - (1 - deep) * 0.6 * lower * front
    return out


def _short(p: F64, size: float, neck: float) -> F64:
    if not neck or size == 1.0:
        return p
    at = np.array(CONDYLES)
    return np.asarray(at + (p - at) * (1 - (1 - size) * neck))


def _unbent(warp: HeadWarp, q: F64) -> F64:
    """Return p with p + displacement(p) = q."""
    control = np.zeros((7, 7, 7, 4))
    control[..., :3] = np.array(warp.control).reshape(3, 7, 7, 7).transpose(1, 2, 3, 0)
    return _straightened(control.reshape(-1), np.ascontiguousarray(q))


@nb.njit(cache=True)
def _straightened(control: F64, q: F64) -> F64:
    """Return points (n, 3) before `head_warp.bend`; ``control`` (7 · 7 · 7 · 4) has the axes z, y, x, component."""
    out = np.empty_like(q)
    w = np.empty((3, 4))
    for n in range(q.shape[0]):
        px, py, pz = q[n, 0], q[n, 1], q[n, 2]
        for _ in range(_ROUNDS):
            at = np.uint64(0)
            for c, v in enumerate((pz, py, px)):
                t = min(max(v / CONTROL_MM + 2.0, 0.0), 3.999)
                cell = int(t)
                f = t - cell
                g = 1.0 - f
                w[c, 0] = g * g * g / 6.0
                w[c, 1] = (3.0 * f * f * f - 6.0 * f * f + 4.0) / 6.0
                w[c, 2] = (-3.0 * f * f * f + 3.0 * f * f + 3.0 * f + 1.0) / 6.0
                w[c, 3] = f * f * f / 6.0
                at = at * np.uint64(7) + np.uint64(cell)
            dx = dy = dz = 0.0
            at *= np.uint64(4)
            for k in range(4):
                for j in range(4):
                    yz = w[0, k] * w[1, j]
                    row = at + np.uint64(196 * k + 28 * j)
                    for i in range(4):
                        weight = yz * w[2, i]
                        here = row + np.uint64(4 * i)
                        dx += weight * control[here]
                        dy += weight * control[here + np.uint64(1)]
                        dz += weight * control[here + np.uint64(2)]
            px, py, pz = (
                q[n, 0] - ((px + dx) - px),
                q[n, 1] - ((py + dy) - py),
                q[n, 2] - ((pz + dz) - pz),
            )
        out[n, 0], out[n, 1], out[n, 2] = px, py, pz
    return out


def _step(a: float, b: float, x: F64) -> F64:
    t = np.clip((x - a) / (b - a), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))
