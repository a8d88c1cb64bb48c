"""Cutting a bone in two along a rough plane: both parts are closed, and together they are the bone.

Triangles are clipped where a height above the displaced plane is zero; the rim that is left is closed by rings that
shrink towards its middle and follow the same roughness. The inner face is clipped at the same shares of the same
edges, so that it stays the outer one's twin; ``plate_mm`` lays compact bone on the cut face (a growth plate's).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.bone_mesh import F32, I32, Bone, bumps
from fhir2dicom.model import Vec3

F64 = npt.NDArray[np.float64]

RINGS = (0.7, 0.36)
"""Rings of a cut face, in shares of the way from its middle to its rim."""


@dataclass(frozen=True, slots=True)
class Relief:
    """How a cut leaves its plane, and what its faces are like; mm."""

    rough_mm: float = 0.0
    """Fine, as a break is."""
    wave_mm: float = 0.0
    """Broad, as a growth plate is."""
    wave_cell_mm: float = 9.0
    """How far its crests lie apart."""
    plate_mm: float = 0.0
    """Compact bone on the faces."""
    bevel_mm: float = 0.0
    """How far the faces' rims are drawn in, so that their corners are round."""


def cut(
    bone: Bone, at: Vec3, normal: Vec3, roughness_mm: float = 0.0, key: int = 0, *, plate_mm: float = 0.0
) -> tuple[Bone, Bone]:
    """Return (below, above): the parts of a bone on either side of a plane, above being where ``normal`` points.

    ``roughness_mm`` is how far the cut leaves the plane, ``key`` keys where; a part with no triangles is empty.
    """
    plane = _Plane(at, normal, Relief(roughness_mm, plate_mm=plate_mm), key)
    found = _clipped(bone, plane)
    return _half(found, plane, upper=False), _half(found, plane, upper=True)


def below(bone: Bone, at: Vec3, normal: Vec3, relief: Relief, key: int = 0) -> Bone:
    """Return the part of a bone under a plane."""
    plane = _Plane(at, normal, relief, key)
    return _half(_clipped(bone, plane), plane, upper=False)


def above(bone: Bone, at: Vec3, normal: Vec3, relief: Relief, key: int = 0) -> Bone:
    """Return the part of a bone beyond a plane."""
    plane = _Plane(at, normal, relief, key)
    return _half(_clipped(bone, plane), plane, upper=True)


@dataclass(frozen=True, eq=False, slots=True)
class _Clipped:
    """A bone clipped by a plane: whole and split triangles of either side, rims and their caps."""

    bone: Bone
    """With the corners where its edges meet the plane."""
    sides: tuple[list[I32], list[I32]]
    """Triangles below, above."""
    caps: list[Cap]


def _clipped(bone: Bone, plane: _Plane) -> _Clipped:
    height = plane.height(bone.vertices)
    upper = height >= 0
    corners = upper[bone.triangles]
    count = corners[:, 0].astype(np.int8) + corners[:, 1] + corners[:, 2]
    whole = (bone.triangles[count == 0], bone.triangles[count == 3])
    split = bone.triangles[(count == 1) | (count == 2)]
    if not len(split):
        return _Clipped(bone, ([whole[0]], [whole[1]]), [])
    edges, low, high = _clip(split, upper)
    a, b = edges[:, 0], edges[:, 1]
    share = (height[a] / (height[a] - height[b]))[:, None]
    both = bone.each(lambda points: np.concatenate([points, _blend(points, a, b, share)]))
    return _Clipped(both, ([whole[0], low], [whole[1], high]), _caps(_loops(low, len(bone.vertices))))


def _half(found: _Clipped, plane: _Plane, *, upper: bool) -> Bone:
    """Return one side of a bone that is clipped, closed."""
    faces = found.sides[upper]
    if not found.caps:
        return _part(found.bone, faces[0])
    return _closed(found.bone, faces, found.caps, plane, upper=upper)


class _Plane:
    """A plane displaced by noise that depends on the place in the plane only, so that it is a height field."""

    def __init__(self, at: Vec3, normal: Vec3, relief: Relief, key: int) -> None:
        n = np.array(normal, np.float64)
        self.normal: F64 = n / np.sqrt((n * n).sum())
        self.at: F64 = np.array(at, np.float64)
        self.relief, self.key = relief, key
        self.reach_mm = 1.3 * relief.rough_mm + 1.2 * relief.wave_mm + 1e-3

    def height(self, points: F32 | F64) -> F64:
        """Return how far points (n, 3) lie above, mm."""
        r = self.relief
        of = (self.at, self.normal, self.reach_mm, r.rough_mm, r.wave_mm, r.wave_cell_mm, self.key)
        return np.asarray(_heights(np.ascontiguousarray(points, np.float64), *of))


@nb.njit(cache=True)
def _heights(
    points: F64, at: F64, normal: F64, reach: float, rough: float, wave: float, cell: float, key: int
) -> F64:
    """Return heights above the displaced plane; points beyond ``reach`` are on one side whatever the noise."""
    n = len(points)
    h, foot, near, count = np.empty(n), np.empty((n, 3), np.float32), np.empty(n, np.int64), 0
    for k in range(n):
        x, y, z = points[k, 0] - at[0], points[k, 1] - at[1], points[k, 2] - at[2]
        h[k] = (x * normal[0] + y * normal[1]) + z * normal[2]
        if abs(h[k]) < reach:
            foot[count, 0] = x - h[k] * normal[0]
            foot[count, 1] = y - h[k] * normal[1]
            foot[count, 2] = z - h[k] * normal[2]
            near[count] = k
            count += 1
    foot = foot[:count]
    if rough > 0:
        a, b, c = bumps(foot, 7.0, key), bumps(foot, 2.6, key + 1), bumps(foot, 1.1, key + 2)
        for k in range(count):
            h[near[k]] += rough * (0.62 * a[k] + 0.38 * b[k] + 0.2 * c[k])
    if wave > 0:
        a = bumps(foot, cell, key + 3)
        for k in range(count):
            h[near[k]] += wave * a[k]
    return h


def _blend(points: F32, a: I32, b: I32, share: F64) -> F32:
    return (points[a] + (points[b] - points[a]) * share).astype(np.float32)


def _part(bone: Bone, triangles: I32) -> Bone:
    """Return the part of a bone that some of its triangles are."""
    used = np.zeros(len(bone.vertices), bool)
    used[triangles.reshape(-1)] = True
    number = (np.cumsum(used, dtype=np.int32) - np.int32(1)).astype(np.int32)
    return replace(bone.each(lambda p: p[used]), triangles=number[triangles])


def _clip(split: I32, upper: npt.NDArray[np.bool_]) -> tuple[I32, I32, I32]:
    """Return the edges that are cut (low end first), and what is left of the triangles below and above.

    Edge k's new corner has the number ``len(upper) + k``.
    """
    n = len(upper)
    up = upper[split]
    alone = np.where(up.sum(1) == 1, up.argmax(1), (~up).argmax(1))  # the corner that has its side for itself
    rows = np.arange(len(split))
    p, q, r = (split[rows, (alone + k) % 3] for k in range(3))
    ends = np.concatenate([np.stack([p, q], 1), np.stack([p, r], 1)])
    flip = upper[ends[:, 0]]
    ends[flip] = ends[flip][:, ::-1]
    keys, number = np.unique(ends[:, 0].astype(np.int64) * n + ends[:, 1], return_inverse=True)
    edges = np.stack([keys // n, keys % n], 1)
    number = number.reshape(-1) + n
    pq, pr = number[: len(split)], number[len(split) :]
    tip = np.stack([p, pq, pr], 1)
    rest = np.concatenate([np.stack([pq, q, r], 1), np.stack([pq, r, pr], 1)])
    tip_up, rest_up = upper[p], ~np.concatenate([upper[p], upper[p]])
    low = np.concatenate([tip[~tip_up], rest[~rest_up]]).astype(np.int32)
    high = np.concatenate([tip[tip_up], rest[rest_up]]).astype(np.int32)
    return edges.astype(np.int32), low, high


def _loops(low: I32, n: int) -> list[list[int]]:
    """Return the rims of what is left below: corners ``>= n`` in the direction that its cap must turn."""
    following: dict[int, list[int]] = {}
    for k in range(3):
        a, b = low[:, k], low[:, (k + 1) % 3]
        new = (a >= n) & (b >= n)
        for i, j in zip(a[new].tolist(), b[new].tolist(), strict=True):
            following.setdefault(j, []).append(i)
    loops = []
    while following:
        start = min(following)
        loop, here = [start], following[start].pop()
        while here != start:
            loop.append(here)
            here = following[here].pop()
        loops.append(loop)
        following = {k: ends for k, ends in following.items() if ends}
    return loops


Cap = tuple[list[int], I32]
"""Rim, and the triangles of the cap as the lower part wants them: corners are numbered rim first, then rings, then the middle."""


def _caps(loops: list[list[int]]) -> list[Cap]:
    """Return what closes each rim."""
    caps = []
    for loop in loops:
        m = len(loop)
        k, after = np.arange(m), (np.arange(m) + 1) % m
        faces = []
        for ring in range(len(RINGS)):
            a, b = ring * m, (ring + 1) * m
            faces += [np.stack([a + k, a + after, b + k], 1), np.stack([a + after, b + after, b + k], 1)]
        last, middle = len(RINGS) * m, (len(RINGS) + 1) * m
        faces.append(np.stack([last + k, last + after, np.full(m, middle)], 1))
        caps.append((loop, np.concatenate(faces).astype(np.int32)))
    return caps


def _with_faces(points: F32, caps: list[Cap], plane: _Plane, shift: F64) -> F32:
    """Return points and those of the caps within their rims, which lie on the rough plane; all of a cap moved by ``shift``."""
    moved, faces = points.copy(), []
    for loop, _ in caps:
        rim = points[loop].astype(np.float64)
        middle = rim.sum(axis=0) / len(rim)
        arm = rim - middle
        if plane.relief.bevel_mm:
            reach = np.sqrt((arm[:, 0] ** 2 + arm[:, 1] ** 2) + arm[:, 2] ** 2)
            arm *= np.maximum(1 - plane.relief.bevel_mm / np.maximum(reach, 1e-6), 0.5)[:, None]
        moved[loop] = middle + arm + shift
        faces += [*(middle + arm * s for s in RINGS), middle[None]]
    face = np.concatenate(faces)
    face += shift - plane.height(face)[:, None] * plane.normal
    return np.concatenate([moved, face.astype(np.float32)])


def _closed(bone: Bone, triangles: list[I32], caps: list[Cap], plane: _Plane, *, upper: bool) -> Bone:
    """Return one part with its caps; what lies inside is moved by the plate along the plane's normal there."""
    none = np.zeros(3)
    plate = plane.normal * (plane.relief.plate_mm if upper else -plane.relief.plate_mm)
    faces, count = list(triangles), len(bone.vertices)
    for loop, t in caps:
        number = np.concatenate([loop, np.arange(count, count + len(RINGS) * len(loop) + 1)])
        faces.append((number[t][:, ::-1] if upper else number[t]).astype(np.int32))
        count += len(RINGS) * len(loop) + 1
    whole = replace(
        bone,
        vertices=_with_faces(bone.vertices, caps, plane, none),
        inner=_with_faces(bone.inner, caps, plane, plate),
        canal=None if bone.canal is None else _with_faces(bone.canal, caps, plane, plate),
    )
    return _part(whole, np.concatenate(faces))
