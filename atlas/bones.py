"""What the build scripts of bones share: coarse or broken meshes become closed, smooth, thin ones with a cortex.

All lengths mm. A mesh is (vertices (n, 3) float, triangles (m, 3) int), outward by the right-hand rule.
Needs numpy, scipy, scikit-image, numba and fast-simplification.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import fast_simplification
import numba as nb
import numpy as np
import scipy.ndimage as ni
import scipy.sparse as sp
from scipy.spatial import cKDTree
from skimage.measure import marching_cubes

Mesh = tuple[np.ndarray, np.ndarray]
UNITS_PER_MM = 32


def volume(v: np.ndarray, t: np.ndarray) -> float:
    a, b, c = (v[t[:, k]].astype(float) for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def outward(v: np.ndarray, t: np.ndarray) -> Mesh:
    return (v, t) if volume(v, t) > 0 else (v, np.ascontiguousarray(t[:, ::-1]))


def welded(v: np.ndarray, t: np.ndarray, grain: float = 1e-3) -> Mesh:
    """Join corners at the same place; drop triangles without area."""
    _, first, number = np.unique(np.round(v / grain), axis=0, return_index=True, return_inverse=True)
    t = number.reshape(-1)[t]
    t = t[(t[:, 0] != t[:, 1]) & (t[:, 1] != t[:, 2]) & (t[:, 2] != t[:, 0])]
    return v[first], t


def pieces(v: np.ndarray, t: np.ndarray) -> list[Mesh]:
    """Connected parts of a mesh, the largest box first. Weld first."""
    n = len(v)
    e = np.r_[t[:, :2], t[:, 1:]]
    count, label = sp.csgraph.connected_components(sp.coo_matrix((np.ones(len(e)), e.T), (n, n)))
    found = []
    for k in range(count):
        mine = t[label[t[:, 0]] == k]
        if len(mine):
            used, index = np.unique(mine, return_inverse=True)
            found.append((v[used], index.reshape(-1, 3)))
    return sorted(found, key=lambda m: -np.ptp(m[0], axis=0).prod())


@nb.njit(cache=True)
def _winding(points, v, t):
    """Generalised winding number (Jacobson 2013; solid angle of a triangle: van Oosterom & Strackee 1983)."""
    out = np.zeros(len(points))
    for p in range(len(points)):
        total = 0.0
        for k in range(len(t)):
            ax, ay, az = (
                v[t[k, 0], 0] - points[p, 0],
                v[t[k, 0], 1] - points[p, 1],
                v[t[k, 0], 2] - points[p, 2],
            )
            bx, by, bz = (
                v[t[k, 1], 0] - points[p, 0],
                v[t[k, 1], 1] - points[p, 1],
                v[t[k, 1], 2] - points[p, 2],
            )
            cx, cy, cz = (
                v[t[k, 2], 0] - points[p, 0],
                v[t[k, 2], 1] - points[p, 1],
                v[t[k, 2], 2] - points[p, 2],
            )
            a = np.sqrt(ax * ax + ay * ay + az * az)
            b = np.sqrt(bx * bx + by * by + bz * bz)
            c = np.sqrt(cx * cx + cy * cy + cz * cz)
            det = ax * (by * cz - bz * cy) - ay * (bx * cz - bz * cx) + az * (bx * cy - by * cx)
            div = a * b * c + (ax * bx + ay * by + az * bz) * c
            div += (bx * cx + by * cy + bz * cz) * a + (cx * ax + cy * ay + cz * az) * b
            total += np.arctan2(det, div)
        out[p] = total / (2 * np.pi)
    return out


class Field:
    """Signed distance on a lattice, mm, negative inside: ``values[i, j, k]`` at ``low + pitch · (i, j, k)``."""

    def __init__(self, low: np.ndarray, pitch: float, values: np.ndarray) -> None:
        self.low, self.pitch, self.values = np.asarray(low, float), pitch, values

    @property
    def points(self) -> np.ndarray:
        return (
            np.stack(np.meshgrid(*(np.arange(n) for n in self.values.shape), indexing="ij"), -1) * self.pitch
            + self.low
        )

    def at(self, points: np.ndarray) -> np.ndarray:
        return ni.map_coordinates(self.values, ((points - self.low) / self.pitch).T, order=1, mode="nearest")

    def mesh(self, level: float = 0.0, rounds: int = 4) -> Mesh:
        pad = np.pad(self.values, 1, constant_values=5.0)
        v, t, _, _ = marching_cubes(pad, level)
        return outward(*taubin(*outward((v - 1) * self.pitch + self.low, t), rounds))


def field_of(v: np.ndarray, t: np.ndarray, pitch: float, margin: float = 4.0, blur_mm: float = 0.0) -> Field:
    """Distance field of any mesh, open, doubled or overlapping: its inside is where it winds around more than half."""
    low, high = v.min(0) - margin, v.max(0) + margin
    shape = np.ceil((high - low) / pitch).astype(int) + 1
    at = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), -1).reshape(-1, 3) * pitch + low
    near, _ = cKDTree(sampled(v, t, pitch * 0.4)).query(at)
    within = inside(near.reshape(shape), at.reshape(*shape, 3), v, t, pitch)
    f = np.where(within, -1.0, 1.0) * near.reshape(shape)
    if blur_mm:
        f = ni.gaussian_filter(f, blur_mm / pitch)
    return Field(low, pitch, f)


def inside(near: np.ndarray, at: np.ndarray, v: np.ndarray, t: np.ndarray, pitch: float) -> np.ndarray:
    """Winding number beside the surface, flood elsewhere."""
    band = near < 1.9 * pitch
    side = np.zeros(near.shape, bool)
    side[band] = _winding(at[band], np.ascontiguousarray(v, float), np.ascontiguousarray(t)) > 0.5
    label, count = ni.label(~band)
    if count:
        box = ni.find_objects(label)
        for k in range(1, count + 1):
            part = label == k
            first = tuple(np.argwhere(part[box[k - 1]])[0] + [s.start for s in box[k - 1]])
            if _winding(at[first][None], np.ascontiguousarray(v, float), np.ascontiguousarray(t))[0] > 0.5:
                side |= part
    return side


def sampled(v: np.ndarray, t: np.ndarray, step: float) -> np.ndarray:
    """Points on a mesh no farther apart than ``step``."""
    a, b, c = (v[t[:, k]] for k in range(3))
    side = np.max([np.linalg.norm(x, axis=1) for x in (b - a, c - b, a - c)], axis=0)
    found = [v]
    count = np.clip(np.ceil(side / step).astype(int), 1, 60)
    for n in np.unique(count):
        i, j = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
        keep = i + j <= n
        p, q = i[keep] / n, j[keep] / n
        m = count == n
        found.append(
            (
                a[m][:, None] * (1 - p - q)[:, None] + b[m][:, None] * p[:, None] + c[m][:, None] * q[:, None]
            ).reshape(-1, 3)
        )
    return np.concatenate(found)


def solid(
    v: np.ndarray, t: np.ndarray, pitch: float, count: int, blur_mm: float = 0.6, rounds: int = 6
) -> Mesh:
    """A closed, smooth, thinned mesh of whatever ``v, t`` encloses."""
    return thin(*field_of(v, t, pitch, blur_mm=blur_mm).mesh(rounds=rounds), count)


def neighbours(t: np.ndarray, n: int) -> sp.csr_matrix:
    e = np.r_[t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]
    a = sp.coo_matrix((np.ones(len(e)), (e[:, 0], e[:, 1])), (n, n)).tocsr()
    a = ((a + a.T) > 0).astype(float)
    return sp.diags(1 / np.maximum(np.asarray(a.sum(1)).ravel(), 1)) @ a


def taubin(v: np.ndarray, t: np.ndarray, rounds: int) -> Mesh:
    """Smooth without shrinking (Taubin 1995: shrink .5, grow .53)."""
    a = neighbours(t, len(v))
    for _ in range(rounds):
        v = v + 0.5 * (a @ v - v)
        v = v - 0.53 * (a @ v - v)
    return v, t


def thin(v: np.ndarray, t: np.ndarray, count: int) -> Mesh:
    """Quadric edge collapse (Garland & Heckbert 1997): few triangles where it is flat."""
    if len(t) <= count:
        return v, t
    v, t = fast_simplification.simplify(
        v.astype(np.float32), np.ascontiguousarray(t, np.int32), 1 - count / len(t), agg=7
    )
    return v.astype(float), t


def normals(v: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Unit normals at corners, by the angle-free mean of the faces' area vectors."""
    n = np.zeros_like(v, float)
    f = np.cross(v[t[:, 1]] - v[t[:, 0]], v[t[:, 2]] - v[t[:, 0]])
    for k in range(3):
        np.add.at(n, t[:, k], f)
    return n / (np.linalg.norm(n, axis=1, keepdims=True) + 1e-12)


@nb.njit(cache=True)
def _through(o, d, v, t):
    """How far each ray runs inside until it leaves (Möller & Trumbore 1997); 1e9 if it never does."""
    out = np.full(len(o), 1e9)
    for p in range(len(o)):
        for k in range(len(t)):
            a = v[t[k, 0]]
            e0, e1, e2 = v[t[k, 1], 0] - a[0], v[t[k, 1], 1] - a[1], v[t[k, 1], 2] - a[2]
            f0, f1, f2 = v[t[k, 2], 0] - a[0], v[t[k, 2], 1] - a[1], v[t[k, 2], 2] - a[2]
            h0 = d[p, 1] * f2 - d[p, 2] * f1
            h1 = d[p, 2] * f0 - d[p, 0] * f2
            h2 = d[p, 0] * f1 - d[p, 1] * f0
            det = e0 * h0 + e1 * h1 + e2 * h2
            if abs(det) < 1e-12:
                continue
            s0, s1, s2 = o[p, 0] - a[0], o[p, 1] - a[1], o[p, 2] - a[2]
            u = (s0 * h0 + s1 * h1 + s2 * h2) / det
            if u < 0 or u > 1:
                continue
            q0, q1, q2 = s1 * e2 - s2 * e1, s2 * e0 - s0 * e2, s0 * e1 - s1 * e0
            w = (d[p, 0] * q0 + d[p, 1] * q1 + d[p, 2] * q2) / det
            if w < 0 or u + w > 1:
                continue
            x = (f0 * q0 + f1 * q1 + f2 * q2) / det
            if 0.05 < x < out[p]:
                out[p] = x
    return out


def thickness(v: np.ndarray, t: np.ndarray) -> np.ndarray:
    """How thick the solid is under each corner, along its normal."""
    n = normals(v, t)
    return _through(v - n * 0.02, -n, np.ascontiguousarray(v, float), np.ascontiguousarray(t))


def inset(
    v: np.ndarray, t: np.ndarray, cortex: np.ndarray | float, rounds: int = 3, most: float = 0.38
) -> np.ndarray:
    """The inner face of a cortex: ``cortex`` mm under each corner, never more than ``most`` of the bone's thickness there."""
    depth = np.broadcast_to(np.asarray(cortex, float), (len(v),))
    depth = np.minimum(depth, most * thickness(v, t))
    a = neighbours(t, len(v))
    for _ in range(rounds):
        depth = np.minimum(depth, 0.5 * depth + 0.5 * (a @ depth))
    return v - normals(v, t) * depth[:, None]


def along(
    points: np.ndarray, a: np.ndarray, b: np.ndarray, rows: tuple[tuple[float, float], ...]
) -> np.ndarray:
    """A table (share of the way from a to b, value) read at points: cortex by place along a shaft."""
    axis = np.asarray(b, float) - a
    s = ((points - a) @ axis) / (axis @ axis)
    x, y = np.array(rows).T
    return np.interp(s, x, y)


class Atlas:
    """Collects meshes and writes an atlas file: NAME.v int16 1/32 mm, NAME.t uint16, NAME.i int16 where there is cortex."""

    def __init__(self) -> None:
        self.parts: dict[str, np.ndarray] = {}

    def put(
        self,
        name: str,
        v: np.ndarray,
        t: np.ndarray,
        inner: np.ndarray | None = None,
        canal: np.ndarray | None = None,
    ) -> np.ndarray:
        """Keep a mesh; return the order in which its corners are kept."""
        v, t = np.asarray(v, float), np.asarray(t)
        if len(v) > 65535 or np.abs(v).max() * UNITS_PER_MM > 32767:
            raise ValueError(
                f"{name}: {len(v)} corners, up to {np.abs(v).max():.0f} mm: does not fit the file"
            )
        order = np.argsort(-v[:, 2], kind="stable")  # near in space, near in the file: it packs better
        rank = np.empty(len(v), int)
        rank[order] = np.arange(len(v))
        v, t = v[order], rank[t]
        t = t[np.argsort(t.min(1), kind="stable")]
        self.parts[name + ".v"] = np.round(v * UNITS_PER_MM).astype(np.int16)
        self.parts[name + ".t"] = t.astype(np.uint16)
        if inner is not None:
            self.parts[name + ".i"] = np.round(inner[order] * UNITS_PER_MM).astype(np.int16)
        if canal is not None:
            self.parts[name + ".c"] = np.round(canal[order] * UNITS_PER_MM).astype(np.int16)
        print(f"{name:22} {len(v):6} corners {len(t):6} triangles {volume(v, t) / 1000:8.2f} cm3", flush=True)
        return order

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **self.parts)
        print(path.name, path.stat().st_size / 1e6, "MB")


def union(a: Callable, b: Callable, mm: float) -> Callable:
    """Smooth union of two distance functions (Quilez: polynomial), ``mm`` wide."""

    def both(p):
        x, y = a(p), b(p)
        h = np.clip(0.5 + 0.5 * (y - x) / mm, 0, 1)
        return y + (x - y) * h - mm * h * (1 - h)

    return both


def cone(a, b, ra: float, rb: float) -> Callable:
    """Distance function of a round cone from ``a`` (radius ra) to ``b`` (radius rb)."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    d = b - a

    def distance(p):
        w = np.clip(((p - a) @ d) / (d @ d), 0, 1)
        return np.linalg.norm(p - a - w[..., None] * d, axis=-1) - (ra + (rb - ra) * w)

    return distance


def mesh_of(function: Callable, low, high, pitch: float, count: int, rounds: int = 3) -> Mesh:
    """A closed, thinned mesh of where a distance function is negative."""
    low = np.asarray(low, float)
    shape = np.ceil((np.asarray(high, float) - low) / pitch).astype(int) + 1
    at = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), -1) * pitch + low
    return thin(*Field(low, pitch, function(at)).mesh(rounds=rounds), count)


def canal_of(
    v: np.ndarray, inner: np.ndarray, a: np.ndarray, b: np.ndarray, rows: tuple[tuple[float, float], ...]
) -> np.ndarray:
    """Where a shaft's spongiosa gives way to fat: the inner face drawn to the bone's axis by 1 less the table's share
    (share of the way from a to b, share of the cavity that is fat)."""
    axis = np.asarray(b, float) - a
    s = ((v - a) @ axis) / (axis @ axis)
    bins = np.linspace(0, 1, 61)
    k = np.clip(np.digitize(s, bins), 0, 61)
    middle = np.array([inner[k == i].mean(0) if (k == i).sum() > 2 else [np.nan] * 3 for i in range(62)])
    good = np.isfinite(middle[:, 0])
    at = np.r_[bins[0], (bins[1:] + bins[:-1]) / 2, bins[-1]]
    centre = np.stack([np.interp(s, at[good], ni.gaussian_filter1d(middle[good, d], 2)) for d in range(3)], 1)
    x, y = np.array(rows).T
    return centre + (inner - centre) * np.sqrt(np.interp(s, x, y))[:, None]
