"""Cutting a bone in two along a rough plane: both parts are closed, and together they are the bone.

Triangles are clipped where a height above the displaced plane is zero; the rim that is left is closed by rings that
shrink towards its middle and follow the same roughness. The inner face is clipped at the same shares of the same
edges, so that it stays the outer one's twin; ``plate_mm`` lays compact bone on the cut face (a growth plate's).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.bone_mesh import F32, I32, Bone, bumps
from fhir2dicom.model import Vec3

F64 = npt.NDArray[np.float64]

RINGS = (0.7, 0.36)
"""Rings of a cut face, in shares of the way from its middle to its rim."""


def cut(
    bone: Bone, at: Vec3, normal: Vec3, roughness_mm: float = 0.0, key: int = 0, *, plate_mm: float = 0.0
) -> tuple[Bone, Bone]:
    """Return (below, above): the parts of a bone on either side of a plane, above being where ``normal`` points.

    ``roughness_mm`` is how far the cut leaves the plane, ``key`` keys where; a part with no triangles is empty.
    """
    plane = _Plane(at, normal, roughness_mm, key)
    height = plane.height(bone.vertices)
    above = height >= 0
    corners = above[bone.triangles]
    count = corners[:, 0].astype(np.int8) + corners[:, 1] + corners[:, 2]
    whole = (bone.triangles[count == 0], bone.triangles[count == 3])
    split = bone.triangles[(count == 1) | (count == 2)]
    if not len(split):
        return _part(bone, whole[0]), _part(bone, whole[1])
    edges, low, high = _clip(split, above)
    a, b = edges[:, 0], edges[:, 1]
    share = (height[a] / (height[a] - height[b]))[:, None]
    n = len(bone.vertices)
    both = bone.each(lambda points: np.concatenate([points, _blend(points, a, b, share)]))
    loops = _loops(low, n)
    caps = _caps(loops)
    return (
        _closed(both, [whole[0], low], caps, plane, -plate_mm, upper=False),
        _closed(both, [whole[1], high], caps, plane, plate_mm, upper=True),
    )


class _Plane:
    """A plane displaced by noise that depends on the place in the plane only, so that it is a height field."""

    def __init__(self, at: Vec3, normal: Vec3, roughness_mm: float, key: int) -> None:
        n = np.array(normal, np.float64)
        self.normal: F64 = n / np.sqrt((n * n).sum())
        self.at: F64 = np.array(at, np.float64)
        self.roughness_mm, self.key = roughness_mm, key

    def height(self, points: F32) -> F64:
        """Return how far points (n, 3) lie above, mm."""
        d = points.astype(np.float64) - self.at
        h: F64 = d[:, 0] * self.normal[0] + d[:, 1] * self.normal[1] + d[:, 2] * self.normal[2]
        if not self.roughness_mm:
            return h
        foot = (d - h[:, None] * self.normal).astype(np.float32)
        rough = (
            0.62 * bumps(foot, 7.0, self.key)
            + 0.38 * bumps(foot, 2.6, self.key + 1)
            + 0.2 * bumps(foot, 1.1, self.key + 2)
        )
        return np.asarray(h + self.roughness_mm * rough.astype(np.float64))


def _blend(points: F32, a: I32, b: I32, share: F64) -> F32:
    return (points[a] + (points[b] - points[a]) * share).astype(np.float32)


def _part(bone: Bone, triangles: I32) -> Bone:
    """Return the part of a bone that some of its triangles are."""
    used = np.zeros(len(bone.vertices), bool)
    used[triangles.reshape(-1)] = True
    number = (np.cumsum(used, dtype=np.int32) - np.int32(1)).astype(np.int32)
    return replace(bone.each(lambda p: p[used]), triangles=number[triangles])


def _clip(split: I32, above: npt.NDArray[np.bool_]) -> tuple[I32, I32, I32]:
    """Return the edges that are cut (low end first), and what is left of the triangles below and above.

    Edge k's new corner has the number ``len(above) + k``.
    """
    n = len(above)
    up = above[split]
    alone = np.where(up.sum(1) == 1, up.argmax(1), (~up).argmax(1))  # the corner that has its side for itself
    rows = np.arange(len(split))
    p, q, r = (split[rows, (alone + k) % 3] for k in range(3))
    ends = np.concatenate([np.stack([p, q], 1), np.stack([p, r], 1)])
    flip = above[ends[:, 0]]
    ends[flip] = ends[flip][:, ::-1]
    keys, number = np.unique(ends[:, 0].astype(np.int64) * n + ends[:, 1], return_inverse=True)
    edges = np.stack([keys // n, keys % n], 1)
    number = number.reshape(-1) + n
    pq, pr = number[: len(split)], number[len(split) :]
    tip = np.stack([p, pq, pr], 1)
    rest = np.concatenate([np.stack([pq, q, r], 1), np.stack([pq, r, pr], 1)])
    tip_up, rest_up = above[p], ~np.concatenate([above[p], above[p]])
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


def _with_faces(points: F32, caps: list[Cap], plane: _Plane, shift: F32) -> F32:
    """Return points and those of the caps within their rims, which lie on the rough plane; all of a cap moved by ``shift``."""
    out = [points.copy()]
    for loop, _ in caps:
        rim = points[loop].astype(np.float64)
        middle = rim.mean(axis=0)
        face = np.concatenate([*(middle + (rim - middle) * s for s in RINGS), middle[None]])
        flat = face.astype(np.float32)
        out[0][loop] += shift
        out.append((face - plane.height(flat)[:, None] * plane.normal + shift).astype(np.float32))
    return np.concatenate(out)


def _closed(
    bone: Bone, triangles: list[I32], caps: list[Cap], plane: _Plane, plate_mm: float, *, upper: bool
) -> Bone:
    """Return one part with its caps; what lies inside is moved by ``plate_mm`` along the plane's normal there."""
    none, plate = np.zeros(3, np.float32), (plane.normal * plate_mm).astype(np.float32)
    faces, count = list(triangles), len(bone.vertices)
    for loop, t in caps:
        number = np.concatenate([loop, np.arange(count, count + len(RINGS) * len(loop) + 1)])
        faces.append((number[t][:, ::-1] if upper else number[t]).astype(np.int32))
        count += len(RINGS) * len(loop) + 1
    outer = _with_faces(bone.vertices, caps, plane, none)
    alike = bone.inner is bone.vertices and not plate_mm
    whole = replace(
        bone,
        vertices=outer,
        inner=outer if alike else _with_faces(bone.inner, caps, plane, plate),
        canal=None if bone.canal is None else _with_faces(bone.canal, caps, plane, plate),
    )
    return _part(whole, np.concatenate(faces))
