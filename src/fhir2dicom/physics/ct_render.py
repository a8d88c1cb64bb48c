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

from fhir2dicom.physics.ct_plane import AIR, PITCH

Array = npt.NDArray[np.float32]

FAINT = np.float32(0.06)
"""HU per noise step below which streaks are left out: half a unit."""
CELL = 8
"""Atlas voxels, each way, of a square that may be skipped as air."""
FAT_HU, FAT_WIDTH = np.float32(-102.0), np.float32(1.0 / 40.0)
"""Middle of fat and one over its half width: such pixels have fat's texture."""


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
    return float(abs(points[2, k + 1, j, i] - points[2, k, j, i]))


@nb.njit(cache=True)
def _look(nodes: Array, c: int, y: float, x: float) -> float:
    j = min(max(int(y), 0), nodes.shape[1] - 2)
    i = min(max(int(x), 0), nodes.shape[2] - 2)
    v, u = y - j, x - i
    top = nodes[c, j, i] + (nodes[c, j, i + 1] - nodes[c, j, i]) * u
    low = nodes[c, j + 1, i] + (nodes[c, j + 1, i + 1] - nodes[c, j + 1, i]) * u
    return float(top + (low - top) * v)


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
def occupied(plane: Array) -> npt.NDArray[np.uint8]:
    """Return 1 for each ``CELL`` × ``CELL`` square of the plane that holds, or touches, more than air."""
    ny, nx = plane.shape
    out = np.zeros((ny // CELL + 1, nx // CELL + 1), np.uint8)
    for j in range(ny):
        row = plane[j]
        for b in range(nx // CELL + 1):
            most = AIR
            for i in range(b * CELL, min(b * CELL + CELL, nx)):
                most = max(most, row[i])
            if most > AIR:
                out[j // CELL, b] = 1
    return out


@nb.njit(cache=True)
def _spans(
    full: npt.NDArray[np.uint8], nodes: Array, j: int, ends: npt.NDArray[np.int64], out: npt.NDArray[np.int64]
) -> int:
    """List the runs of columns (first, end) whose field cells of row ``j`` show more than air."""
    count = 0
    for i in range(nodes.shape[2] - 1):
        if ends[i + 1] <= ends[i]:
            continue
        x0 = min(nodes[0, j, i], nodes[0, j + 1, i], nodes[0, j, i + 1], nodes[0, j + 1, i + 1])
        x1 = max(nodes[0, j, i], nodes[0, j + 1, i], nodes[0, j, i + 1], nodes[0, j + 1, i + 1])
        y0 = min(nodes[1, j, i], nodes[1, j + 1, i], nodes[1, j, i + 1], nodes[1, j + 1, i + 1])
        y1 = max(nodes[1, j, i], nodes[1, j + 1, i], nodes[1, j, i + 1], nodes[1, j + 1, i + 1])
        edge = i in (0, nodes.shape[2] - 2)
        body = edge
        for b in range(
            int(max(y0 - 2.0, 0.0)) // CELL, min(int(max(y1 + 2.0, 0.0)) // CELL + 1, full.shape[0])
        ):
            for a in range(
                int(max(x0 - 2.0, 0.0)) // CELL, min(int(max(x1 + 2.0, 0.0)) // CELL + 1, full.shape[1])
            ):
                body = body or full[b, a] > 0
        if body and count > 0 and out[count - 1, 1] == ends[i]:
            out[count - 1, 1] = ends[i + 1]
        elif body:
            out[count, 0], out[count, 1] = ends[i], ends[i + 1]
            count += 1
    return count


@nb.njit(cache=True)
def _along(nodes: Array, c: int, j: int, cell: npt.NDArray[np.int64], u: Array, out: Array) -> None:
    """Spread component c of node rows j and j + 1 over the columns: ``out`` (2, columns), value and slope down."""
    for m in range(u.size):
        i = cell[m]
        a = nodes[c, j, i] + (nodes[c, j, i + 1] - nodes[c, j, i]) * u[m]
        b = nodes[c, j + 1, i] + (nodes[c, j + 1, i + 1] - nodes[c, j + 1, i]) * u[m]
        out[0, m] = a
        out[1, m] = b - a


@nb.njit(cache=True)
def _read(
    flat: Array,
    width: int,
    place: npt.NDArray[np.uint32],
    weights: tuple[Array, Array, Array, Array],
    out: Array,
) -> None:
    """Read quadratic B-splines: ``place`` indexes the top left of 3 × 3 values; ``weights`` of the outer two, x then y.

    Signs would be tested before every reading, so places have none.
    """
    one = np.float32(1.0)
    right, down = np.uint64(1), np.uint64(width)
    x0, x2, y0, y2 = weights
    for m in range(place.size):
        k = np.uint64(place[m])
        p, q, s, t = x0[m], x2[m], y0[m], y2[m]
        r, u = one - p - q, one - s - t
        a = p * flat[k] + r * flat[k + right] + q * flat[k + right + right]
        k += down
        b = p * flat[k] + r * flat[k + right] + q * flat[k + right + right]
        k += down
        c = p * flat[k] + r * flat[k + right] + q * flat[k + right + right]
        out[m] = s * a + u * b + t * c


@nb.njit(cache=True)
def _place(
    xs: tuple[Array, Array],
    ys: tuple[Array, Array],
    v: float,
    size: tuple[int, int],
    place: npt.NDArray[np.uint32],
    weights: tuple[Array, Array, Array, Array],
) -> None:
    """Turn a row of atlas coordinates into the corner of the nine values to read, and their weights."""
    least, half = np.float32(0.51), np.float32(0.5)
    top_y, top_x = np.float32(size[0] - 1.51), np.float32(size[1] - 1.51)
    width, corner = np.float32(size[1]), np.float32(size[1] + 1)  # places are whole numbers below 2**24
    w = np.float32(v)
    one = np.float32(1.0)
    wx0, wx2, wy0, wy2 = weights
    x0, x1 = xs
    y0, y1 = ys
    for m in range(place.size):
        fx = min(max(x0[m] + x1[m] * w, least), top_x) + half
        fy = min(max(y0[m] + y1[m] * w, least), top_y) + half
        ix, iy = np.float32(np.int32(fx)), np.float32(np.int32(fy))
        x, y = fx - ix, fy - iy
        left, top = one - x, one - y
        wx0[m], wx2[m] = half * left * left, half * x * x
        wy0[m], wy2[m] = half * top * top, half * y * y
        place[m] = np.uint32(np.int32(iy * width + ix - corner))


@nb.njit(cache=True)
def _marble(
    hu: Array, above: Array, at: Array, below: Array, first: np.float32, last: np.float32, sd: float
) -> None:
    """Add texture to what is fat; it lies still in the patient, so that stretched fat has no stretched grains."""
    full, zero, unity = np.float32(sd), np.float32(0.0), np.float32(1.0)
    middle = unity - first - last
    for m in range(hu.size):
        part = max(unity - abs(hu[m] - FAT_HU) * FAT_WIDTH, zero)
        hu[m] += part * full * (first * above[m] + middle * at[m] + last * below[m])


@nb.njit(cache=True)
def sample(  # noqa: PLR0917
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
    fat: Array,
    fat_at: float,
    pixel_mm: float,
    fat_sd: float,
    out: npt.NDArray[np.uint16],
) -> None:
    """Read the atlas plane at every pixel, lay the body on the table, add noise, store HU + 1024 in 12 bits.

    ``start``, ``step``: fractional field node (x, y) of the first pixel, and of one pixel's step.
    ``gain`` (2, j, i): HU per step of the noise and of the streaks on the field's nodes. ``table`` holds HU
    above air from row ``table_row`` on. ``noise``, ``streaks`` (side, ≥ side + columns) wrap in rows. ``fat`` (mm, columns) is the texture of fat in patient mm, its
    first image row at ``fat_at``, ``fat_sd`` HU to a step of it.
    """
    rows, columns = out.shape
    ny, nx = nodes.shape[1], nodes.shape[2]
    side, period = noise.shape[0], fat.shape[0] - 1
    zero, one = np.float32(0.0), np.float32(1.0)
    hu = np.empty(columns, np.float32)
    weights, u = np.empty((4, columns), np.float32), np.empty(columns, np.float32)
    place, cell = np.empty(columns, np.uint32), np.empty(columns, np.int64)
    for m in range(columns):
        x = start[0] + m * step[0]
        cell[m] = min(max(int(x), 0), nx - 2)
        u[m] = np.float32(x - cell[m])
    inside = np.empty(columns, np.float32)
    for m in range(columns):
        inside[m] = min(max(u[m], zero), one)
    ends = np.searchsorted(cell, np.arange(nx))
    runs = np.empty((nx, 2), np.int64)
    xs, ys = np.empty((2, columns), np.float32), np.empty((2, columns), np.float32)
    gs, ss = np.empty((2, columns), np.float32), np.empty((2, columns), np.float32)
    streaky = gain[1].max() > FAINT
    full = occupied(plane)
    flat = plane.ravel()
    before, count = -1, 0
    for r in range(rows):
        y = start[1] + r * step[1]
        j = min(max(int(y), 0), ny - 2)
        v = y - j
        if j != before:
            before = j
            count = _spans(full, nodes, j, ends, runs)
            _along(nodes, 0, j, cell, u, xs)
            _along(nodes, 1, j, cell, u, ys)
            _along(gain, 0, j, cell, inside, gs)
            if streaky:
                _along(gain, 1, j, cell, inside, ss)
        hu[:] = AIR
        at_fat = fat_at + r * pixel_mm
        k1 = int(np.floor(at_fat + 0.5))
        d = at_fat - k1
        u0, u2 = np.float32(0.5 * (0.5 - d) * (0.5 - d)), np.float32(0.5 * (0.5 + d) * (0.5 + d))
        k0, k1, k2 = (k1 - 1) & period, k1 & period, (k1 + 1) & period
        for n in range(count):
            c, e = runs[n, 0], runs[n, 1]
            four = (weights[0, c:e], weights[1, c:e], weights[2, c:e], weights[3, c:e])
            x01, y01 = (xs[0, c:e], xs[1, c:e]), (ys[0, c:e], ys[1, c:e])
            _place(x01, y01, v, plane.shape, place[c:e], four)
            _read(flat, plane.shape[1], place[c:e], four, hu[c:e])
            if fat_sd > zero:
                _marble(hu[c:e], fat[k0, c:e], fat[k1, c:e], fat[k2, c:e], u0, u2, fat_sd)
        if r >= table_row:
            bed = table[r - table_row]
            for m in range(columns):
                empty = min(max((np.float32(-500.0) - hu[m]) * np.float32(0.0025), zero), one)
                hu[m] += empty * np.float32(bed[m])
        w = np.float32(min(max(v, 0.0), 1.0))
        if streaky:
            lines = streaks[(r + at[1]) % side, at[0] : at[0] + columns]
            s0, s1 = ss[0], ss[1]
            for m in range(columns):
                hu[m] += (s0[m] + s1[m] * w) * np.float32(lines[m])
        grain = noise[(r + at[1]) % side, at[0] : at[0] + columns]
        pixel, g0, g1 = out[r], gs[0], gs[1]
        for m in range(columns):
            t = hu[m] + (g0[m] + g1[m] * w) * np.float32(grain[m]) + np.float32(1024.5)
            pixel[m] = np.uint16(np.int32(min(max(t, zero), np.float32(4095.0))))
