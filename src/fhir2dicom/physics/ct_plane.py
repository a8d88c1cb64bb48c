"""The plane of the atlas that a slice is read from: averaged over the slice's thickness, filtered by the kernel."""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

AIR = np.float32(-1000.0)
WORD = 8
"""Labels seen at a time."""
PITCH = 16
"""Atlas voxels between the nodes on which the slice's height is known."""


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

    Labels, of rows that fill words, are seen eight at a time: what is alike from plane to plane is looked up once.
    ``hu``, ``sd`` (256,) by label, ``sd`` in HU per step of ``texture``, whose sides are powers of two, and
    ``WORD`` columns more. ``out`` (rows, columns) of the atlas plane.
    """
    nz, ny, nx = labels.shape
    words = labels.view(np.uint64)
    tz, ty, wide = texture.shape[0] - 1, texture.shape[1] - 1, texture.shape[2]
    tx = wide - PITCH - 1
    flat, grain = (
        labels.ravel(),
        texture.ravel(),
    )  # views into them would be counted, which costs more than they
    acc, here, z = np.empty(WORD, np.float32), np.empty(WORD, np.float32), np.empty(WORD, np.float32)
    h, o, zero = np.float32(half), np.float32(0.5), np.float32(0.0)
    scale, air, empty = np.float32(1.0 / (2.0 * half)), hu[0], np.uint64(0)
    lie = np.empty(height.shape[1], np.float32)
    some, unlike = np.empty(nx // WORD, np.uint64), np.empty(nx // WORD, np.uint64)
    for j in range(ny):
        gj = j // PITCH
        v = np.float32((j - gj * PITCH) / PITCH)
        y = (j + offset[1]) & ty
        for g in range(lie.size):
            lie[g] = height[gj, g] + (height[gj + 1, g] - height[gj, g]) * v
        _survey(words, j, lie, h, some, unlike)
        line = out[j]
        line[:] = air
        for block in range(nx // WORD):
            if some[block] == empty:
                continue
            i0 = block * WORD
            g = i0 // PITCH
            dz = (lie[g + 1] - lie[g]) * np.float32(1.0 / PITCH)
            za = lie[g] + dz * np.float32(i0 - g * PITCH)
            zb = za + dz * np.float32(WORD - 1)
            start = min(max(int(min(za, zb) - h + o), 0), nz - 1)
            if unlike[block] == empty:
                at = np.uint64((start * ny + j) * nx + i0)
                for m in range(WORD):
                    line[i0 + m] = hu[flat[at + np.uint64(m)]]
            else:
                for m in range(WORD):
                    z[m] = za + dz * np.float32(m)
                    acc[m] = zero
                last = min(max(int(max(za, zb) + h + o), 0), nz - 1)
                word = words[start, j, block]
                end = start
                while end < last and words[end + 1, j, block] == word:
                    end += 1
                while True:
                    low = np.float32(start) - o if start > 0 else np.float32(-1e6)
                    high = np.float32(end) + o if end < nz - 1 else np.float32(1e6)
                    at = np.uint64((start * ny + j) * nx + i0)
                    for m in range(WORD):
                        part = max(min(high, z[m] + h) - max(low, z[m] - h), zero)
                        acc[m] += part * hu[flat[at + np.uint64(m)]]
                    if end >= last:
                        break
                    start = end + 1
                    end = start
                    word = words[start, j, block]
                    while end < last and words[end + 1, j, block] == word:
                        end += 1
                for m in range(WORD):
                    line[i0 + m] = acc[m] * scale
            middle = o * (za + zb)
            at = np.uint64((min(max(int(middle + o), 0), nz - 1) * ny + j) * nx + i0)
            most = zero
            for m in range(WORD):
                here[m] = sd[flat[at + np.uint64(m)]]
                most = max(most, here[m])
            if most > zero:
                k = int(middle)
                u = middle - np.float32(k)
                x = (i0 + offset[2]) & tx
                one = np.uint64((((k + offset[0]) & tz) * (ty + 1) + y) * wide + x)
                two = np.uint64((((k + 1 + offset[0]) & tz) * (ty + 1) + y) * wide + x)
                for m in range(WORD):
                    a = np.float32(grain[one + np.uint64(m)])
                    b = np.float32(grain[two + np.uint64(m)])
                    line[i0 + m] += here[m] * (a + (b - a) * u)


@nb.njit(cache=True)
def _survey(
    words: npt.NDArray[np.uint64],
    j: int,
    lie: Array,
    half: np.float32,
    some: npt.NDArray[np.uint64],
    unlike: npt.NDArray[np.uint64],
) -> None:
    """Note for row j which words are air (``some`` 0) and which alike (``unlike`` 0) at all heights ± ``half``."""
    nz = words.shape[0]
    first = min(max(int(lie.min() - half), 0), nz - 1)
    last = min(max(int(lie.max() + half + 1.0), 0), nz - 1)
    below = words[first, j]
    some[:] = below
    unlike[:] = np.uint64(0)
    for k in range(first + 1, last + 1):
        row = words[k, j]
        for b in range(row.size):
            some[b] |= row[b]
            unlike[b] |= row[b] ^ below[b]


@nb.njit(cache=True)
def filtered(plane: Array, one: float, two: float, half: Array, out: Array) -> None:
    """Put the plane under a symmetric 5-tap kernel (two, one, 1 − 2·one − 2·two, one, two), both ways.

    ``half`` is room to work in. The outer two rows and columns become air.
    """
    ny, nx = plane.shape
    a, b = np.float32(one), np.float32(two)
    c = np.float32(1.0 - 2.0 * one - 2.0 * two)
    out[:2], out[ny - 2 :] = AIR, AIR
    for j in range(2, ny - 2):
        p0, p1, p2, p3, p4 = plane[j - 2], plane[j - 1], plane[j], plane[j + 1], plane[j + 2]
        r = half[j]
        for i in range(nx):
            r[i] = c * p2[i] + a * (p1[i] + p3[i]) + b * (p0[i] + p4[i])
        q = out[j, 2 : nx - 2]
        r0, r1, r2, r3, r4 = r[: nx - 4], r[1 : nx - 3], r[2 : nx - 2], r[3 : nx - 1], r[4:]
        for i in range(nx - 4):
            q[i] = c * r2[i] + a * (r1[i] + r3[i]) + b * (r0[i] + r4[i])
        out[j, :2] = AIR
        out[j, nx - 2 :] = AIR


@nb.njit(cache=True)
def grains(texture: npt.NDArray[np.int8], z: int, x: float, pixel: float, out: Array) -> None:
    """Resample a plane of the texture (1 mm) along its rows at the pixels' places: ``out`` (side, columns).

    By quadratic B-splines: straight lines are smoother midway, which shows as a lattice where a pixel is near 1 mm.
    """
    side, columns = texture.shape[1], out.shape[1]
    first, last = np.empty(columns, np.float32), np.empty(columns, np.float32)
    place = np.empty(columns, np.uint64)
    for m in range(columns):
        at = x + m * pixel
        i = int(np.floor(at + 0.5))
        d = at - i
        first[m], last[m] = np.float32(0.5 * (0.5 - d) * (0.5 - d)), np.float32(0.5 * (0.5 + d) * (0.5 + d))
        place[m] = np.uint64((i - 1) & (side - 1))
    values = np.empty(texture.shape[2], np.float32)
    one, right = np.float32(1.0), np.uint64(1)
    for j in range(side):
        values[:] = texture[z, j]
        row = out[j]
        for m in range(columns):
            k = place[m]
            middle = one - first[m] - last[m]
            row[m] = first[m] * values[k] + middle * values[k + right] + last[m] * values[k + right + right]
