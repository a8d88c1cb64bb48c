"""Findings as surfaces: the voxels that a finding changes in the labels, skinned, smoothed and warped.

The film shows what the CT shows: the same stamp decides both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy import tissues
from fhir2dicom.anatomy.shapes import stamped
from fhir2dicom.model import Person, Shape, Surface, Vec3

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

_MARGIN_MM = 3
_ROUNDS = 6


def finding_surfaces(
    person: Person, to_patient: Callable[[F32], F32], shapes: Sequence[Shape]
) -> dict[str, Surface]:
    """Return one surface for each shape that changes a voxel, named ``finding_0`` …, in patient mm."""
    if not shapes:
        return {}
    from fhir2dicom.anatomy.torso import atlas  # noqa: PLC0415  the labels are needed with findings only

    whole = atlas()
    table = np.array([t.hu for t in tissues.of_person(person)])
    labels, out = whole.labels, {}
    for k, shape in enumerate(shapes):
        box, low = _box(shape, whole.origin, labels.shape)
        before = np.ascontiguousarray(labels[box])
        after = stamped(before, low, (shape,), tissues.LABEL)
        changed = before != after
        if changed.any():
            weight = round(float(table[after[changed]].mean() - table[before[changed]].mean()) / 1000, 6)
            vertices, triangles = skin(changed)
            out[f"finding_{k}"] = Surface(
                to_patient((vertices + np.array(low, np.float32)).astype(np.float32)), triangles, weight
            )
            if labels is whole.labels:
                labels = labels.copy()
            labels[box] = after
    return out


def _box(shape: Shape, origin: Vec3, size: tuple[int, ...]) -> tuple[tuple[slice, slice, slice], Vec3]:
    """Return the part of the labels (1 mm) that a shape can reach, and its origin."""
    slices, low = [], []
    reach = 1 + 1.7 * shape.roughness
    for axis in range(3):
        r = shape.radii_mm[axis] * reach + _MARGIN_MM
        a = int(shape.center_mm[axis] - origin[axis] - r)
        b = int(shape.center_mm[axis] - origin[axis] + r) + 2
        a, b = max(a, 0), min(max(b, 1), size[2 - axis])
        slices.append(slice(min(a, b - 1), b))
        low.append(origin[axis] + min(a, b - 1))
    return (slices[2], slices[1], slices[0]), (low[0], low[1], low[2])


def skin(mask: Mask) -> tuple[F32, I32]:
    """Return a closed smooth mesh round a mask of 1 mm voxels (z, y, x): vertices (x, y, z) in mm, outward.

    The faces between inside and outside, relaxed by Taubin's rule (1995), which keeps the volume.
    """
    padded = np.pad(mask, 1)
    count = int(sum(np.count_nonzero(np.diff(padded.astype(np.int8), axis=a)) for a in range(3)))
    corner = np.full(tuple(n + 1 for n in padded.shape), -1, np.int32)
    vertices = np.empty((4 * count, 3), np.float32)
    triangles = np.empty((2 * count, 3), np.int32)
    used = _faces(padded, corner, vertices, triangles)
    vertices = vertices[:used] - np.float32(1.5)
    _relax(vertices, triangles, _ROUNDS)
    return vertices, triangles


@nb.njit(cache=True)
def _faces(mask: Mask, corner: I32, vertices: F32, triangles: I32) -> int:
    used, made = 0, 0
    nz, ny, nx = mask.shape
    quad = np.empty(4, np.int32)
    for z in range(1, nz - 1):
        for y in range(1, ny - 1):
            for x in range(1, nx - 1):
                if not mask[z, y, x]:
                    continue
                for side in range(6):
                    axis, far = side // 2, side % 2
                    s = 2 * far - 1
                    if mask[z + s * (axis == 2), y + s * (axis == 1), x + s * (axis == 0)]:
                        continue
                    for c in range(4):
                        a, b = 1 <= c <= 2, c >= 2
                        if far == 0:
                            a, b = b, a
                        i = x + (far if axis == 0 else (b if axis == 1 else a))
                        j = y + (far if axis == 1 else (a if axis == 0 else b))
                        k = z + (far if axis == 2 else (b if axis == 0 else a))
                        if corner[k, j, i] < 0:
                            corner[k, j, i] = used
                            vertices[used, 0], vertices[used, 1], vertices[used, 2] = i, j, k
                            used += 1
                        quad[c] = corner[k, j, i]
                    triangles[made] = (quad[0], quad[1], quad[2])
                    triangles[made + 1] = (quad[0], quad[2], quad[3])
                    made += 2
    return used


@nb.njit(cache=True)
def _relax(v: F32, t: I32, rounds: int) -> None:
    total = np.empty(v.shape, np.float64)
    count = np.empty(v.shape[0])
    for r in range(2 * rounds):
        step = 0.5 if r % 2 == 0 else -0.53
        total[:] = 0
        count[:] = 0
        for k in range(t.shape[0]):
            for e in range(3):
                a, b = t[k, e], t[k, (e + 1) % 3]
                for c in range(3):
                    total[a, c] += v[b, c]
                count[a] += 1
        for k in range(v.shape[0]):
            for c in range(3):
                v[k, c] = np.float32(v[k, c] + step * (total[k, c] / count[k] - v[k, c]))
