"""Kernels of `io_work`: curves cut by a box, and lumps of mineral taken away or laid on."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.physics.io_tooth import Array, edge


@nb.njit(cache=True, error_model="numpy")
def _half_plane(xy: Array, n: int, axis: int, limit: np.float32, sign: np.float32, out: Array) -> int:
    """Cut a polygon of n corners by a line square to an axis; keep where sign · (value − limit) < 0."""
    m = 0
    for k in range(n):
        x0, y0 = xy[k, 0], xy[k, 1]
        x1, y1 = xy[(k + 1) % n, 0], xy[(k + 1) % n, 1]
        v0 = sign * ((x0 if axis == 0 else y0) - limit)
        v1 = sign * ((x1 if axis == 0 else y1) - limit)
        if v0 <= 0:
            out[m, 0], out[m, 1] = x0, y0
            m += 1
        if (v0 < 0) != (v1 < 0) and v0 != v1:
            t = v0 / (v0 - v1)
            out[m, 0], out[m, 1] = x0 + t * (x1 - x0), y0 + t * (y1 - y0)
            m += 1
    return m


@nb.njit(cache=True, error_model="numpy")
def cut(  # noqa: PLR0917 - a kernel
    plane0: Array,
    points: Array,
    first: npt.NDArray[np.int32],
    plane: npt.NDArray[np.int32],
    layer: npt.NDArray[np.uint8],
    wanted: int,
    rows: Array,
    grow: np.float32,
    shift: Array,
    view: Array,
) -> None:
    """Add weight × path through a layer's curves cut by a box; rows: weight, low x, high x, |y|."""
    one, two = np.empty((160, 2), np.float32), np.empty((160, 2), np.float32)
    cosine, sine, scale = view[0], view[1], view[2]
    middle = np.float32(plane0.shape[1] // 2)
    for c in range(plane.shape[0]):
        k = plane[c]
        weight = rows[0, k]
        if layer[c] != wanted or weight == 0:
            continue
        a, b = first[c], first[c + 1]
        n = b - a
        gx, gy = np.float32(0), np.float32(0)
        for p in range(a, b):
            gx += points[p, 0]
            gy += points[p, 1]
        gx, gy = gx / np.float32(n), gy / np.float32(n)
        for p in range(n):
            one[p, 0] = gx + (points[a + p, 0] - gx) * grow + shift[k]
            one[p, 1] = gy + (points[a + p, 1] - gy) * grow
        n = _half_plane(one, n, 0, rows[1, k], np.float32(-1), two)
        n = _half_plane(two, n, 0, rows[2, k], np.float32(1), one)
        n = _half_plane(one, n, 1, -rows[3, k], np.float32(-1), two)
        n = _half_plane(two, n, 1, rows[3, k], np.float32(1), one)
        for p in range(n):
            x0, y0, x1, y1 = one[p, 0], one[p, 1], one[(p + 1) % n, 0], one[(p + 1) % n, 1]
            edge(
                plane0[k],
                (x0 * cosine + y0 * sine) * scale + middle,
                x0 * sine - y0 * cosine,
                (x1 * cosine + y1 * sine) * scale + middle,
                x1 * sine - y1 * cosine,
                weight,
            )


@nb.njit(cache=True, error_model="numpy")
def lump(plane0: Array, heights: Array, n: Array) -> None:
    """Take the share n[4] of what is there in the middle of an ellipse, less towards its edge."""
    x, z, rx, rz, share, left, column = n[0], n[1], n[2], n[3], n[4], n[5], n[6]
    i0, i1 = max(0, int((x - rx - left) / column)), min(plane0.shape[1], int((x + rx - left) / column) + 2)
    for k in range(heights.shape[0]):
        v = (heights[k] - z) / rz
        if v * v >= 1:
            continue
        for i in range(i0, i1):
            u = (left + np.float32(i) * column - x) / rx
            p = np.float32(1) - u * u - v * v
            if p > 0:
                there = plane0[k, i]
                plane0[k, i] = there - there * min(share * p, np.float32(0.8))


@nb.njit(cache=True, error_model="numpy")
def spur(plane0: Array, heights: Array, n: Array) -> None:
    """Add up to n[4] in the middle of an ellipse."""
    x, z, rx, rz, most, left, column = n[0], n[1], n[2], n[3], n[4], n[5], n[6]
    i0, i1 = max(0, int((x - rx - left) / column)), min(plane0.shape[1], int((x + rx - left) / column) + 2)
    for k in range(heights.shape[0]):
        v = (heights[k] - z) / rz
        for i in range(i0, i1):
            u = (left + np.float32(i) * column - x) / rx
            p = np.float32(1) - u * u - v * v
            if p > 0:
                plane0[k, i] += most * p


@nb.njit(cache=True, error_model="numpy")
def soften(plane0: Array) -> None:
    """Blur by a quarter, a half, a quarter, along rows and columns."""
    rows, columns = plane0.shape
    half, quarter = np.float32(0.5), np.float32(0.25)
    for k in range(rows):
        before = plane0[k, 0]
        for i in range(1, columns - 1):
            here = plane0[k, i]
            plane0[k, i] = half * here + quarter * (before + plane0[k, i + 1])
            before = here
    above = plane0[0].copy()
    for k in range(1, rows - 1):
        for i in range(columns):
            here = plane0[k, i]
            plane0[k, i] = half * here + quarter * (above[i] + plane0[k + 1, i])
            above[i] = here
