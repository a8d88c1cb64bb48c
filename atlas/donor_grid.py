"""The donor's volumes on the grid of the torso atlas: what the build scripts of torso and vessels share.

A structure of the mask is carried from the 2.5 mm slices to 1 mm as a signed distance (shape-based interpolation,
Raya & Udupa 1990): no steps on domes and ribs.
"""

from __future__ import annotations

import donor
import numba as nb
import numpy as np
import scipy.ndimage as ni

ORIGIN = np.array([-210.0, 34.0, 0.0])
SHAPE = (331, 286, 421)  # z, y, x in mm
PX, PZ = donor.PIXEL_MM, donor.SLICE_MM

hu = donor.load("cxr.nii.gz").astype(np.int16)
mask = donor.load("mask.nii.gz").astype(np.uint8)
TILT = donor.tilt(mask)
TILT_MM = np.polyval(TILT, ORIGIN[2] + np.arange(SHAPE[0]))


@nb.njit(cache=True)
def _resample(f, lo, offset, origin, shape, tilt_mm, outside):
    """Trilinear values of f (donor voxels from ``lo``) at atlas voxels from ``offset``."""
    out = np.full(shape, outside, np.float32)
    for k in range(shape[0]):
        z = (origin[2] + offset[0] + k) / 2.5 - lo[0]
        z = min(max(z, 0.0), f.shape[0] - 1.0001)
        a = int(z)
        u = z - a
        for j in range(shape[1]):
            y = (origin[1] + offset[1] + j) / 0.703125 - lo[1]
            if y < 0 or y >= f.shape[1] - 1:
                continue
            b = int(y)
            v = y - b
            for i in range(shape[2]):
                x = (origin[0] + offset[2] + i + tilt_mm[k + offset[0]]) / 0.703125 - lo[2]
                if x < 0 or x >= f.shape[2] - 1:
                    continue
                c = int(x)
                w = x - c
                s = 0.0
                for p in range(2):
                    g = f[a + p]
                    s += (u if p else 1 - u) * (
                        (g[b, c] * (1 - w) + g[b, c + 1] * w) * (1 - v)
                        + (g[b + 1, c] * (1 - w) + g[b + 1, c + 1] * w) * v
                    )
                out[k, j, i] = s
    return out


def atlas(f, outside=0.0):
    """Carry a whole donor volume to the atlas grid."""
    return _resample(
        np.ascontiguousarray(f, np.float32), (0, 0, 0), (0, 0, 0), ORIGIN, SHAPE, TILT_MM, outside
    )


def distance(m, blur):
    """Signed distance in mm (positive inside) of a donor mask: in each slice, and in space where a slice is empty."""
    edt = ni.distance_transform_edt
    f = np.empty(m.shape, np.float32)
    for k, s in enumerate(m):
        f[k] = (edt(s) - edt(~s) - 0.5 * s + 0.5 * ~s) * PX if s.any() else -99
    empty = ~m.any((1, 2))
    if empty.any():
        f[empty] = -edt(~m, sampling=(PZ, PX, PX))[empty]
    return ni.gaussian_filter(np.clip(f, -12, 12), (blur * 0.35, blur, blur), mode="nearest")


def solid(m, blur=1.0):
    """Signed distance of a donor mask on the atlas grid, and the part of the grid it was computed on."""
    k = np.argwhere(m)
    lo = np.maximum(k.min(0) - (2, 14, 14), 0)
    hi = np.minimum(k.max(0) + np.array((3, 15, 15)), m.shape)
    f = distance(m[tuple(slice(a, b) for a, b in zip(lo, hi, strict=True))], blur)
    z0, z1 = int(lo[0] * PZ), min(int((hi[0] - 1) * PZ) + 1, SHAPE[0])
    t = TILT_MM[z0:z1]
    y0, y1 = int(lo[1] * PX - ORIGIN[1]), int(hi[1] * PX - ORIGIN[1])
    x0, x1 = int(lo[2] * PX - t.max() - ORIGIN[0]), int(hi[2] * PX - t.min() - ORIGIN[0])
    y0, x0 = max(y0, 0), max(x0, 0)
    y1, x1 = min(y1, SHAPE[1]), min(x1, SHAPE[2])
    g = _resample(f, tuple(lo), (z0, y0, x0), ORIGIN, (z1 - z0, y1 - y0, x1 - x0), TILT_MM, -12.0)
    return g, (slice(z0, z1), slice(y0, y1), slice(x0, x1))


def full(m, blur=1.0):
    """Signed distance of a donor mask on the whole atlas grid, −12 mm far away."""
    g, at = solid(m, blur)
    out = np.full(SHAPE, -12, np.float32)
    out[at] = g
    return out


def biggest(m):
    """Return the largest connected part."""
    lab, n = ni.label(m)
    return lab == 1 + np.argmax(ni.sum(m, lab, range(1, n + 1))) if n else m


def body_mask():
    """The donor without table and blanket; lungs and bowel filled."""
    out = np.zeros(hu.shape, bool)
    for k in range(len(hu)):
        b = biggest(ni.binary_opening(hu[k] > -300, iterations=4))
        out[k] = ni.binary_fill_holes(b | (mask[k] > 0))
    return out


def space(m):
    """Signed distance in space, mm, near a donor mask."""
    out = np.full(m.shape, -20, np.float32)
    k = np.argwhere(m)
    at = tuple(slice(max(a - 8, 0), b + 9) for a, b in zip(k.min(0), k.max(0), strict=True))
    edt = ni.distance_transform_edt
    f = edt(m[at], sampling=(PZ, PX, PX)) - edt(~m[at], sampling=(PZ, PX, PX))
    out[at] = ni.gaussian_filter(f, (0.5, 1.5, 1.5))
    return out
