"""The compiled loops of CT: from labels behind a warp to the stored pixels of one slice.

A slice is formed in the atlas first and carried to the patient afterwards, in two passes as in Catmull &
Smith 1980 (Comput Graph 14:279): (1) each atlas column within the slice's thickness is averaged, at the height
where the warped slice cuts it; (2) the small plane so made is filtered by the kernel and read once a pixel,
in-plane, with a quadratic B-spline. A thick slice then costs little more than a thin one, and its
partial volume is exact.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

AIR = np.float32(-1000.0)
BLOCK = 32
"""Columns that share a range of atlas planes."""
PITCH = 12
"""Atlas voxels between the nodes on which the slice's height is known."""


@nb.njit(cache=True)
def slice_nodes(points: Array, at: float, out: Array) -> None:
    """Blend two planes of the field: ``points`` (c, k, j, i) at fractional plane ``at`` into ``out`` (c, j, i)."""
    top = points.shape[1] - 1
    k = min(max(int(at), 0), max(top - 1, 0))
    u = np.float32(min(max(at - k, 0.0), 1.0)) if top > 0 else np.float32(0.0)
    n = min(k + 1, top)
    for c in range(points.shape[0]):
        for j in range(points.shape[2]):
            for i in range(points.shape[3]):
                a = points[c, k, j, i]
                out[c, j, i] = a + (points[c, n, j, i] - a) * u


@nb.njit(cache=True)
def stretch(points: Array, at: float) -> float:
    """Return atlas voxels in z per step of the field's planes, at fractional plane ``at``, in the middle."""
    last = points.shape[1] - 1
    if last == 0:
        return 1.0
    k = min(max(int(at), 0), last - 1)
    j, i = points.shape[2] // 2, points.shape[3] // 2
    return abs(points[2, k + 1, j, i] - points[2, k, j, i])


@nb.njit(cache=True)
def _look(nodes: Array, c: int, y: float, x: float) -> float:
    j = min(max(int(y), 0), nodes.shape[1] - 2)
    i = min(max(int(x), 0), nodes.shape[2] - 2)
    v, u = y - j, x - i
    top = nodes[c, j, i] + (nodes[c, j, i + 1] - nodes[c, j, i]) * u
    low = nodes[c, j + 1, i] + (nodes[c, j + 1, i + 1] - nodes[c, j + 1, i]) * u
    return top + (low - top) * v  # type: ignore[no-any-return]


@nb.njit(cache=True)
def heights(nodes: Array, rows: int, columns: int) -> Array:
    """Return the height (in voxels) at which the warped slice cuts every ``PITCH``-th atlas column.

    ``nodes`` (3, j, i) holds atlas voxel coordinates (x, y, z) on the field's in-plane grid; the in-plane
    part is inverted by a chord method with the mean Jacobian, which a smooth warp lets converge.
    """
    ny, nx = nodes.shape[1], nodes.shape[2]
    gx = (nodes[0, ny // 2, nx - 1] - nodes[0, ny // 2, 0]) / (nx - 1)
    gy = (nodes[1, ny - 1, nx // 2] - nodes[1, 0, nx // 2]) / (ny - 1)
    out = np.empty((rows // PITCH + 2, columns // PITCH + 2), np.float32)
    for j in range(out.shape[0]):
        x = (0.0 - nodes[0, ny // 2, 0]) / gx
        y = (j * PITCH - nodes[1, 0, nx // 2]) / gy
        for i in range(out.shape[1]):
            for _ in range(4):
                x += (i * PITCH - _look(nodes, 0, y, x)) / gx
                y += (j * PITCH - _look(nodes, 1, y, x)) / gy
                x = min(max(x, -1.0), nx * 1.0)
                y = min(max(y, -1.0), ny * 1.0)
            out[j, i] = _look(nodes, 2, y, x)
            x += PITCH / gx
    return out


@nb.njit(cache=True)
def average(
    labels: npt.NDArray[np.uint8],
    hu: Array,
    sd: Array,
    texture: npt.NDArray[np.int8],
    offset: npt.NDArray[np.int64],
    height: Array,
    half: float,
    out: Array,
) -> None:
    """Average HU over heights ± ``half`` voxels in every atlas column, and add the tissue's texture.

    ``hu``, ``sd`` (256,) by label, ``sd`` in HU per step of ``texture``, whose sides are powers of two.
    ``out`` (rows, columns) of the atlas plane.
    """
    nz, ny, nx = labels.shape
    tz, ty, tx = texture.shape[0] - 1, texture.shape[1] - 1, texture.shape[2] - 1
    acc = np.empty(BLOCK, np.float32)
    z = np.empty(BLOCK, np.float32)
    h = np.float32(half)
    o = np.float32(0.5)
    zero = np.float32(0.0)
    scale = np.float32(1.0 / (2.0 * half))
    for j in range(ny):
        gj = j // PITCH
        v = np.float32((j - gj * PITCH) / PITCH)
        for i0 in range(0, nx, BLOCK):
            n = min(BLOCK, nx - i0)
            low, high = np.float32(1e9), np.float32(-1e9)
            for m in range(n):
                gi = (i0 + m) // PITCH
                u = np.float32((i0 + m - gi * PITCH) * (1.0 / PITCH))
                a = height[gj, gi] + (height[gj, gi + 1] - height[gj, gi]) * u
                b = height[gj + 1, gi] + (height[gj + 1, gi + 1] - height[gj + 1, gi]) * u
                z[m] = a + (b - a) * v
                low, high = min(low, z[m]), max(high, z[m])
                acc[m] = zero
            first, last = int(np.floor(low - h + o)), int(np.floor(high + h + o))
            for p in range(first, last + 1):
                row = labels[min(max(p, 0), nz - 1), j, i0 : i0 + n]
                f = np.float32(p)
                for m in range(n):
                    w = min(f + o, z[m] + h) - max(f - o, z[m] - h)
                    acc[m] += max(w, zero) * hu[row[m]]
            line = out[j, i0 : i0 + n]
            for m in range(n):
                k = int(z[m] + o)
                s = sd[labels[min(max(k, 0), nz - 1), j, i0 + m]]
                t = zero
                if s > zero:
                    k = int(z[m])
                    u = z[m] - np.float32(k)
                    y, x = (j + offset[1]) & ty, (i0 + m + offset[2]) & tx
                    k += offset[0]
                    a = np.float32(texture[k & tz, y, x])
                    t = s * (a + (np.float32(texture[(k + 1) & tz, y, x]) - a) * u)
                line[m] = acc[m] * scale + t


@nb.njit(cache=True)
def filtered(plane: Array, one: float, two: float) -> Array:
    """Return the plane under a symmetric 5-tap kernel (two, one, 1 − 2·one − 2·two, one, two), both ways.

    The outer two rows and columns become air.
    """
    ny, nx = plane.shape
    a, b = np.float32(one), np.float32(two)
    c = np.float32(1.0 - 2.0 * one - 2.0 * two)
    half = np.empty_like(plane)
    out = np.full((ny, nx), AIR, np.float32)
    for j in range(2, ny - 2):
        p0, p1, p2, p3, p4 = plane[j - 2], plane[j - 1], plane[j], plane[j + 1], plane[j + 2]
        r = half[j]
        for i in range(nx):
            r[i] = c * p2[i] + a * (p1[i] + p3[i]) + b * (p0[i] + p4[i])
        q = out[j]
        for i in range(2, nx - 2):
            q[i] = c * r[i] + a * (r[i - 1] + r[i + 1]) + b * (r[i - 2] + r[i + 2])
    return out


@nb.njit(cache=True)
def sample(
    plane: Array,
    nodes: Array,
    gain: Array,
    start: tuple[float, float],
    step: tuple[float, float],
    table: npt.NDArray[np.int16],
    table_row: int,
    noise: npt.NDArray[np.int8],
    at: tuple[int, int],
    streaks: npt.NDArray[np.int8],
    out: npt.NDArray[np.uint16],
) -> None:
    """Read the atlas plane at every pixel, lay the body on the table, add noise, store HU + 1024 in 12 bits.

    ``start``, ``step``: fractional field node (x, y) of the first pixel, and of one pixel's step.
    ``gain`` (2, j, i): HU per step of the noise and of the streaks on the field's nodes. ``table`` holds HU
    above air from row ``table_row`` on. ``noise``, ``streaks`` (side, ≥ side + columns) wrap in rows.
    """
    rows, columns = out.shape
    ny, nx = nodes.shape[1], nodes.shape[2]
    my, mx = plane.shape
    top_y, top_x = np.float32(my - 2.51), np.float32(mx - 2.51)
    side = noise.shape[0]
    zero, one, half = np.float32(0.0), np.float32(1.0), np.float32(0.5)
    quarter3, lowest = np.float32(0.75), np.float32(1.5)
    hu = np.empty(columns, np.float32)
    g = np.empty(columns, np.float32)
    s = np.empty(columns, np.float32)
    streaky = gain[1].max() > 0.0
    flat = plane.ravel()
    for r in range(rows):
        y = start[1] + r * step[1]
        j = min(max(int(y), 0), ny - 2)
        v = np.float32(y - j)
        c = 0
        while c < columns:
            x = start[0] + c * step[0]
            i = min(max(int(x), 0), nx - 2)
            end = columns
            if i < nx - 2:
                end = min(columns, int((i + 1 - start[0]) / step[0]) + 1)
                end = max(end, c + 1)
            u0 = np.float32(x - i)
            du = np.float32(step[0])
            xa = nodes[0, j, i] + (nodes[0, j + 1, i] - nodes[0, j, i]) * v
            xb = nodes[0, j, i + 1] + (nodes[0, j + 1, i + 1] - nodes[0, j, i + 1]) * v - xa
            ya = nodes[1, j, i] + (nodes[1, j + 1, i] - nodes[1, j, i]) * v
            yb = nodes[1, j, i + 1] + (nodes[1, j + 1, i + 1] - nodes[1, j, i + 1]) * v - ya
            ga = gain[0, j, i] + (gain[0, j + 1, i] - gain[0, j, i]) * v
            gb = gain[0, j, i + 1] + (gain[0, j + 1, i + 1] - gain[0, j, i + 1]) * v - ga
            sa = gain[1, j, i] + (gain[1, j + 1, i] - gain[1, j, i]) * v
            sb = gain[1, j, i + 1] + (gain[1, j + 1, i + 1] - gain[1, j, i + 1]) * v - sa
            n = end - c
            line, gl, sl = hu[c:end], g[c:end], s[c:end]
            for m in range(n):
                u = u0 + np.float32(m) * du
                w = min(max(u, zero), one)
                gl[m] = ga + gb * w
                sl[m] = sa + sb * w
                fx = min(max(xa + xb * u, lowest), top_x) + half
                fy = min(max(ya + yb * u, lowest), top_y) + half
                ix, iy = np.int64(fx), np.int64(fy)
                dx, dy = fx - np.float32(ix) - half, fy - np.float32(iy) - half
                k = (iy - 1) * mx + ix
                x0, x2 = half * (half - dx) * (half - dx), half * (half + dx) * (half + dx)
                x1 = quarter3 - dx * dx
                y0, y2 = half * (half - dy) * (half - dy), half * (half + dy) * (half + dy)
                y1 = quarter3 - dy * dy
                a = x0 * flat[k - 1] + x1 * flat[k] + x2 * flat[k + 1]
                k += mx
                b = x0 * flat[k - 1] + x1 * flat[k] + x2 * flat[k + 1]
                k += mx
                d = x0 * flat[k - 1] + x1 * flat[k] + x2 * flat[k + 1]
                line[m] = y0 * a + y1 * b + y2 * d
            c = end
        if r >= table_row:
            bed = table[r - table_row]
            for m in range(columns):
                empty = min(max((np.float32(-500.0) - hu[m]) * np.float32(0.0025), zero), one)
                hu[m] += empty * np.float32(bed[m])
        grain = noise[(r + at[1]) % side, at[0] : at[0] + columns]
        if streaky:
            lines = streaks[(r + at[1]) % side, at[0] : at[0] + columns]
            for m in range(columns):
                hu[m] += s[m] * np.float32(lines[m])
        pixel = out[r]
        for m in range(columns):
            t = hu[m] + g[m] * np.float32(grain[m]) + np.float32(1024.5)
            pixel[m] = np.uint16(np.int32(min(max(t, zero), np.float32(4095.0))))
