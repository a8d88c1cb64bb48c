"""Solids on a lattice, for the build scripts: meshes to signed distances, signed distances to closed meshes.

A signed distance is an array (x, y, z) in mm, negative inside, on a `Lattice`.
"""

from __future__ import annotations

from dataclasses import dataclass

import fast_simplification
import numba as nb
import numpy as np
import scipy.ndimage as ni
import scipy.sparse as sp
from skimage.measure import marching_cubes


@dataclass(frozen=True)
class Lattice:
    """Points low + mm · (i, j, k)."""

    low: tuple[float, float, float]
    shape: tuple[int, int, int]
    mm: float

    @staticmethod
    def over(low: tuple, high: tuple, mm: float) -> Lattice:
        return Lattice(
            tuple(map(float, low)), tuple(int((h - a) / mm) + 1 for a, h in zip(low, high, strict=True)), mm
        )

    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, y, z = (
            a + self.mm * np.arange(n, dtype=np.float32) for a, n in zip(self.low, self.shape, strict=True)
        )
        return x[:, None, None], y[None, :, None], z[None, None, :]

    def index(self, points: np.ndarray) -> np.ndarray:
        return (points - np.array(self.low)) / self.mm


@nb.njit(cache=True)
def _crossings(v: np.ndarray, t: np.ndarray, out: np.ndarray) -> None:
    """Add the winding number of every lattice point: crossings of its column, with their sign. Axis 2 is the ray."""
    nx, ny, nz = out.shape
    for k in range(t.shape[0]):
        a, b, c = v[t[k, 0]], v[t[k, 1]], v[t[k, 2]]
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if area == 0:
            continue
        sign = 1 if area > 0 else -1
        for i in range(
            max(0, int(np.ceil(min(a[0], b[0], c[0])))), min(nx - 1, int(np.floor(max(a[0], b[0], c[0])))) + 1
        ):
            for j in range(
                max(0, int(np.ceil(min(a[1], b[1], c[1])))),
                min(ny - 1, int(np.floor(max(a[1], b[1], c[1])))) + 1,
            ):
                p = ((b[0] - i) * (c[1] - j) - (c[0] - i) * (b[1] - j)) / area
                q = ((c[0] - i) * (a[1] - j) - (a[0] - i) * (c[1] - j)) / area
                r = 1 - p - q
                if p < 0 or q < 0 or r < 0:
                    continue
                z = p * a[2] + q * b[2] + r * c[2]
                top = min(nz - 1, int(np.floor(z)))
                for m in range(top + 1):
                    out[i, j, m] += sign


def filled(v: np.ndarray, t: np.ndarray, lattice: Lattice) -> np.ndarray:
    """Return which lattice points lie inside a mesh, by majority of the three axes: a mesh with small holes is filled."""
    p = lattice.index(v) + np.array((1.37e-4, 2.11e-4, 0.71e-4))
    votes = np.zeros(lattice.shape, np.int8)
    for order in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        count = np.zeros([lattice.shape[k] for k in order], np.int16)
        _crossings(np.ascontiguousarray(p[:, order]), t.astype(np.int64), count)
        back = np.argsort(order)
        votes += (count != 0).transpose(back).astype(np.int8)
    return votes >= 2


def distance(mask: np.ndarray, mm: float, smooth_mm: float = 0.0) -> np.ndarray:
    """Return the signed distance of a mask, rounded off by a Gaussian."""
    d = (ni.distance_transform_edt(~mask) - ni.distance_transform_edt(mask)).astype(np.float32)
    d = (d - 0.5 * np.sign(d)) * mm
    return ni.gaussian_filter(d, smooth_mm / mm) if smooth_mm else d


def smooth_min(a: np.ndarray, b: np.ndarray, k: float) -> np.ndarray:
    """Return the union of two solids, blended over k mm (Quilez' polynomial)."""
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return b + (a - b) * h - k * h * (1 - h)


def smooth_max(a: np.ndarray, b: np.ndarray, k: float) -> np.ndarray:
    return -smooth_min(-a, -b, k)


def ellipsoid(p: tuple, centre: tuple, radii: tuple) -> np.ndarray:
    """Return about the signed distance of an ellipsoid; p is (x, y, z), broadcastable."""
    q = sum(((a - c) / r) ** 2 for a, c, r in zip(p, centre, radii, strict=True))
    return ((np.sqrt(q) - 1) * min(radii)).astype(np.float32)


def capsule(p: tuple, a: tuple, b: tuple, ra: float, rb: float) -> np.ndarray:
    """Return the signed distance of a round cone from a to b."""
    a, b = np.array(a, float), np.array(b, float)
    d = b - a
    t = sum((q - s) * e for q, s, e in zip(p, a, d, strict=True)) / float(d @ d)
    t = np.clip(t, 0, 1)
    gap = sum((q - s - t * e) ** 2 for q, s, e in zip(p, a, d, strict=True))
    return (np.sqrt(gap) - (ra + (rb - ra) * t)).astype(np.float32)


def box(p: tuple, centre: tuple, half: tuple, rounding: float) -> np.ndarray:
    """Return the signed distance of a box with round edges."""
    q = [np.abs(a - c) - (h - rounding) for a, c, h in zip(p, centre, half, strict=True)]
    out = np.sqrt(sum(np.maximum(e, 0) ** 2 for e in q))
    return (out + np.minimum(np.maximum(np.maximum(q[0], q[1]), q[2]), 0) - rounding).astype(np.float32)


def smooth(v: np.ndarray, t: np.ndarray, rounds: int) -> np.ndarray:
    """Taubin 1995: shrink .5, grow .53."""
    e = np.r_[t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]
    a = sp.coo_matrix((np.ones(len(e)), (e[:, 0], e[:, 1])), (len(v),) * 2).tocsr()
    a = ((a + a.T) > 0).astype(float)
    a = sp.diags(1 / np.maximum(np.asarray(a.sum(1)).ravel(), 1)) @ a
    for _ in range(rounds):
        v = v + 0.5 * (a @ v - v)
        v = v - 0.53 * (a @ v - v)
    return v


def volume(v: np.ndarray, t: np.ndarray) -> float:
    return float((v[t[:, 0]] * np.cross(v[t[:, 1]], v[t[:, 2]])).sum() / 6)


def surface(
    d: np.ndarray, lattice: Lattice, triangles: int, rounds: int = 2, least_mm3: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the closed mesh round d < 0, outward, with about as many triangles; parts smaller than ``least_mm3`` left out."""
    if least_mm3:
        part, _ = ni.label(d < 0)
        size = np.bincount(part.ravel()) * lattice.mm**3
        size[0] = 1e9
        d = np.where((size < least_mm3)[part], 0.3, d)
    d = np.pad(d, 1, constant_values=2.0)
    d[np.abs(d) < 1e-3] = 1e-3
    v, t, _, _ = marching_cubes(d, 0.0)
    v = smooth((v - 1) * lattice.mm + np.array(lattice.low), t, rounds)
    if len(t) > triangles:
        v, t = fast_simplification.simplify(
            v.astype(np.float32), np.ascontiguousarray(t, np.int32), 1 - triangles / len(t), agg=7
        )
    return v.astype(float), t if volume(v, t) > 0 else t[:, ::-1]


def inset(
    v: np.ndarray, t: np.ndarray, cortex: np.ndarray | float, d: np.ndarray, lattice: Lattice
) -> np.ndarray:
    """Return the inner face of a cortex: nowhere deeper than .6 of half the bone's thickness, so that it never folds."""
    n = np.zeros_like(v)
    f = np.cross(v[t[:, 1]] - v[t[:, 0]], v[t[:, 2]] - v[t[:, 0]])
    for k in range(3):
        np.add.at(n, t[:, k], f)
    n /= np.linalg.norm(n, axis=1, keepdims=True) + 1e-9
    depth = np.full(len(v), 0.1)
    for s in np.arange(0.4, 10, 0.4):
        depth = np.maximum(depth, -ni.map_coordinates(d, lattice.index(v - n * s).T, order=1, mode="nearest"))
    return v - n * np.minimum(np.broadcast_to(np.asarray(cortex, float), (len(v),)), 0.6 * depth)[:, None]


class Atlas:
    """Meshes as the package stores them: 1/32 mm."""

    def __init__(self) -> None:
        self.parts: dict[str, np.ndarray] = {}

    def put(self, name: str, v: np.ndarray, t: np.ndarray, inner: np.ndarray | None = None) -> None:
        assert len(v) < 65536, name
        order = np.argsort(-v[t[:, 0], 2], kind="stable")
        self.parts[name + ".v"] = np.round(v * 32).astype(np.int16)
        self.parts[name + ".t"] = t[order].astype(np.uint16)
        if inner is not None:
            self.parts[name + ".i"] = np.round(inner * 32).astype(np.int16)
        print(
            f"{name:14} {len(v):6} vertices {len(t):6} triangles {volume(v, t) / 1000:8.2f} cm3", flush=True
        )
