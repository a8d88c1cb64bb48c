"""One smooth map makes the atlas a patient's head: size, proportions, pose, shape, ventricles.

It is written from the patient to the atlas, the way a scanner asks: p → rotate → divide by the size → add a
smooth displacement (uniform cubic B-spline, control points 40 mm apart) → draw in towards the middle of each lateral
ventricle, by as much as it is to be wider. Nothing has to be inverted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.head_tissues import atrophy
from fhir2dicom.model import Box, Field, Person, Vec3
from fhir2dicom.seed import Seed

F64 = npt.NDArray[np.float64]

NODE_MM = 5.5
CONTROL_MM = 40.0
ATLAS_ML = 1895.0
"""Intracranial volume of the atlas, from the foramen magnum up."""

_SHAPE_SD_MM = 2.2

_HEAD_CM = (
    (0.0, 35.3), (0.29, 41.1), (0.54, 43.4), (1.04, 45.8), (2.04, 48.1), (3.0, 49.2), (5.0, 50.8),
    (8.0, 52.2), (12.0, 53.9), (16.0, 55.4), (18.0, 56.0),
)  # fmt: skip
"""Head circumference by age, mean of both sexes: medians of the CDC growth charts 2000 (Kuczmarski et al., Vital
Health Stat 11(246), 2002) to 3 years. Later: rounded by us after Rollins et al., J Pediatr 2010;156:907, not checked
against their tables."""

_VENTRICLE = np.array([
    # y, x, z of the middle of a lateral ventricle, atlas mm: frontal horn, body, atrium
    (-36.0, 15.0, 4.0), (-22.0, 9.5, 9.0), (-8.0, 7.0, 13.0), (3.0, 8.0, 19.5), (15.0, 11.0, 24.5),
    (26.0, 15.0, 24.0), (38.0, 23.0, 17.0), (47.0, 28.0, 10.0), (58.0, 29.0, 8.0),
])  # fmt: skip
_VENTRICLE_REACH_MM = (18.0, 17.0)
"""How far to the side, and up and down, a widened ventricle moves the brain; inwards to the midline."""


@dataclass(frozen=True, slots=True)
class HeadWarp:
    """The map from one patient to the atlas."""

    scale: Vec3
    rotation: tuple[float, ...]
    """Row by row, 3 × 3."""
    control: tuple[float, ...]
    """Displacements at the control points, (3, 7, 7, 7) flattened, mm of the atlas."""
    widen: float
    """How much the ventricles are drawn in: −0.12 … 0.58, below 1 so that nothing folds."""

    def to_atlas(self, x: F64, y: F64, z: F64) -> tuple[F64, F64, F64]:
        """Return atlas mm of patient points, arrays of any one shape."""
        r = self.rotation
        u = (r[0] * x + r[1] * y + r[2] * z) / self.scale[0]
        v = (r[3] * x + r[4] * y + r[5] * z) / self.scale[1]
        w = (r[6] * x + r[7] * y + r[8] * z) / self.scale[2]
        shape = u.shape
        u, v, w = u.ravel(), v.ravel(), w.ravel()
        bend(np.array(self.control).reshape(3, 7, 7, 7), u, v, w)
        _draw_in(_VENTRICLE, self.widen, u, v, w)
        return u.reshape(shape), v.reshape(shape), w.reshape(shape)

    def field(self, box: Box) -> Field:
        """Return the map on a grid of 5.5 mm over a part of patient space and a little beyond."""
        origin = tuple(low - NODE_MM for low in box.low)
        nx, ny, nz = (int((h - low) / NODE_MM) + 4 for low, h in zip(box.low, box.high, strict=True))
        x = origin[0] + NODE_MM * np.arange(nx, dtype=np.float64)
        y = origin[1] + NODE_MM * np.arange(ny, dtype=np.float64)
        z = origin[2] + NODE_MM * np.arange(nz, dtype=np.float64)
        shape = (nz, ny, nx)
        points = self.to_atlas(
            np.broadcast_to(x[None, None, :], shape),
            np.broadcast_to(y[None, :, None], shape),
            np.broadcast_to(z[:, None, None], shape),
        )
        return Field(
            (origin[0], origin[1], origin[2]),
            (NODE_MM, NODE_MM, NODE_MM),
            np.stack(points).astype(np.float32),
        )

    def about(self, point: Vec3) -> Vec3:
        """Return roughly where an atlas point lies in the patient: the displacement is left out."""
        q = tuple(p * s for p, s in zip(point, self.scale, strict=True))
        r = self.rotation
        return (
            r[0] * q[0] + r[3] * q[1] + r[6] * q[2],
            r[1] * q[0] + r[4] * q[1] + r[7] * q[2],
            r[2] * q[0] + r[5] * q[1] + r[8] * q[2],
        )


def head_warp(person: Person, seed: Seed) -> HeadWarp:
    """Return the warp of a person; equal persons and seeds, equal warps."""
    size = _cube_root(intracranial_ml(person, seed) / ATLAS_ML)
    wide, long = seed.child("wide").normal(1.0, 0.03), seed.child("long").normal(1.0, 0.025)
    scale = (size * wide, size * long, size / (wide * long))
    control = tuple(round(seed.child("shape", k).normal(0.0, _SHAPE_SD_MM), 6) for k in range(3 * 7 * 7 * 7))
    own = max(seed.child("ventricles").normal(0.0, 0.07), -0.10)
    infant = 0.06 if person.age_years < 2.0 else 0.0
    widen = min(max(own + infant + 3.5 * atrophy(person, seed), -0.12), 0.58)
    return HeadWarp(scale, _pose(seed.child("pose")), control, widen)


def intracranial_ml(person: Person, seed: Seed) -> float:
    """Return the intracranial volume: adults by sex, children by the cube of head circumference for age.

    Men a little over Matsumae et al. (J Neurosurg 1996;84:982: men 1469 ± 102, women 1289 ± 111 ml), women 8 % below
    men: Buckner et al. (NeuroImage 2004;23:724) found men about 12 % larger, which includes that they are taller.
    """
    mean = {"M": 1500.0, "F": 1385.0}.get(person.sex, 1440.0)
    tall = (
        (person.height_m - {"M": 1.76, "F": 1.63}.get(person.sex, 1.7)) * 300.0
        if person.age_years >= 18
        else 0.0
    )
    adult = mean + min(max(tall, -30.0), 30.0) + seed.child("size").normal(0.0, 60.0, limit=2.0)
    ratio = _head_cm(person.age_years) / _HEAD_CM[-1][1]
    return adult * ratio * ratio * ratio


def _head_cm(age: float) -> float:
    for (a, low), (b, high) in pairwise(_HEAD_CM):
        if age < b:
            return low + (high - low) * max(age - a, 0.0) / (b - a)
    return _HEAD_CM[-1][1]


def _cube_root(value: float) -> float:
    root = 1.0
    for _ in range(30):
        root -= (root * root * root - value) / (3.0 * root * root)
    return root


def _pose(seed: Seed) -> tuple[float, ...]:
    """Return the rotation from the patient's axes to the head's: chin tucked a little, hardly ever straight."""
    turn, roll = seed.child("turn").normal(0.0, 2.5), seed.child("roll").normal(0.0, 1.8)
    nod = seed.child("nod").normal(5.0, 4.0)
    (cz, sz), (cy, sy), (cx, sx) = (_cos_sin(a) for a in (turn, roll, nod))
    return tuple(
        round(v, 9)
        for v in (
            cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx,
            sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx,
            -sy, cy * sx, cy * cx,
        )
    )  # fmt: skip


def _cos_sin(degrees: float) -> tuple[float, float]:
    a = math.radians(degrees)
    return round(math.cos(a), 12), round(math.sin(a), 12)


@nb.njit(cache=True)
def bend(control: F64, x: F64, y: F64, z: F64) -> None:
    """Add the B-spline's displacement to points in place; ``control`` (3, 7, 7, 7)."""
    w = np.empty((3, 4))
    p = np.empty(3, np.int64)
    for n in range(x.size):
        for c in range(3):
            v = (x[n], y[n], z[n])[c]
            t = min(max(v / CONTROL_MM + 2.0, 0.0), 3.999)
            p[c] = int(t)
            f = t - p[c]
            g = 1.0 - f
            w[c, 0] = g * g * g / 6.0
            w[c, 1] = (3.0 * f * f * f - 6.0 * f * f + 4.0) / 6.0
            w[c, 2] = (-3.0 * f * f * f + 3.0 * f * f + 3.0 * f + 1.0) / 6.0
            w[c, 3] = f * f * f / 6.0
        dx = dy = dz = 0.0
        for k in range(4):
            for j in range(4):
                yz = w[2, k] * w[1, j]
                for i in range(4):
                    q = yz * w[0, i]
                    dx += q * control[0, p[2] + k, p[1] + j, p[0] + i]
                    dy += q * control[1, p[2] + k, p[1] + j, p[0] + i]
                    dz += q * control[2, p[2] + k, p[1] + j, p[0] + i]
        x[n] += dx
        y[n] += dy
        z[n] += dz


@nb.njit(cache=True)
def _draw_in(middle: F64, widen: float, x: F64, y: F64, z: F64) -> None:
    """Pull points towards the curve in the middle of their side's ventricle, in place; ``middle`` (n, 3): y, x, z."""
    last = middle.shape[0] - 1
    for n in range(x.size):
        if not middle[0, 0] < y[n] < middle[last, 0]:
            continue
        k = 0
        while y[n] > middle[k + 1, 0]:
            k += 1
        t = (y[n] - middle[k, 0]) / (middle[k + 1, 0] - middle[k, 0])
        cx = middle[k, 1] + (middle[k + 1, 1] - middle[k, 1]) * t
        cz = middle[k, 2] + (middle[k + 1, 2] - middle[k, 2]) * t
        end = min(y[n] - middle[0, 0], middle[last, 0] - y[n], 10.0) / 10.0
        side = 1.0 if x[n] > 0.0 else -1.0
        dx, dz = abs(x[n]) - cx, z[n] - cz
        u = dx / (_VENTRICLE_REACH_MM[0] if dx > 0.0 else cx)
        v = dz / _VENTRICLE_REACH_MM[1]
        far = u * u + v * v
        if far < 1.0:
            inside = 1.0 - far * far
            pull = widen * inside * inside * end
            x[n] -= side * pull * dx
            z[n] -= pull * dz
