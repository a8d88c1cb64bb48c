"""Lobules, septa, muscle, lumps and strands of a mammogram: its tissue as millimetres of gland instead of fat."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Pressed
from fhir2dicom.physics.mg_maps import LAYERS, Frame, Map, lattice2, muscle_edge
from fhir2dicom.seed import Seed

Tile = npt.NDArray[np.int8]

_FILLED = 0.5
"""Gland in a lobule of gland, the rest is fat between its acini: dense breasts are a fifth of gland by volume (ours)."""
_SQUASHED = 0.55
"""The paddle flattens a lump along the beam; ours."""


@cache
def tiles() -> dict[str, Tile]:
    """Return the textures of atlas/build_mg_tiles.py."""
    with files("fhir2dicom.physics").joinpath("tiles/mg.npz").open("rb") as f, np.load(f) as z:
        return {name: z[name] for name in z.files}


@cache
def _cells() -> Tile:
    """Return (1024, 1024, 2): lobules and septa side by side, since both are read at one place."""
    return np.ascontiguousarray(np.stack([tiles()["lobule"], tiles()["septum"]], -1))


@nb.njit(cache=True, inline="always", error_model="numpy")
def read(tile: Tile, y: np.float32, x: np.float32, mask: int) -> np.float32:
    """Return a tile's value between its pixels."""
    j, i = int(np.floor(y)), int(np.floor(x))
    v, u = y - np.float32(j), x - np.float32(i)
    j0, j1, i0, i1 = j & mask, (j + 1) & mask, i & mask, (i + 1) & mask
    a, b = np.float32(tile[j0, i0]), np.float32(tile[j0, i1])
    c, d = np.float32(tile[j1, i0]), np.float32(tile[j1, i1])
    a += (b - a) * u
    c += (d - c) * u
    return a + (c - a) * v


@nb.njit(cache=True, error_model="numpy")
def line_of(a: Map, y: float, factor: int, out: Map) -> None:
    """Write the row of a map at ``y`` (in its own rows) with ``factor`` times as many columns, by linear interpolation."""
    y = min(max(y, 0.0), a.shape[0] - 1.0)
    j = min(int(y), max(a.shape[0] - 2, 0))
    f, last = np.float32(y - j), a.shape[1] - 1
    k = min(j + 1, a.shape[0] - 1)
    left = a[j, 0] + (a[k, 0] - a[j, 0]) * f
    half, n = factor // 2, out.shape[0]
    for x in range(min(half, n)):
        out[x] = left
    w = np.float32(1.0 / factor)
    for i in range(last):
        right = a[j, i + 1] + (a[k, i + 1] - a[j, i + 1]) * f
        step = (right - left) * w
        at = half + i * factor
        value = left + step * np.float32(0.5)
        for x in range(at, min(at + factor, n)):
            out[x] = value
            value += step
        left = right
    for x in range(half + last * factor, n):
        out[x] = left


@nb.njit(cache=True, error_model="numpy")
def _parenchyma(
    skin: Map, rays: Map, envelope: Map, cells: Tile, cloud: Tile, layers: Map,
    numbers: npt.NDArray[np.float64], out: Map,
) -> None:  # fmt: skip
    """Write, at a quarter: depth under the skin, millimetres of gland, septa, and the rays.

    ``skin`` and ``rays`` are at a sixteenth, ``envelope`` at a 32nd. ``layers``: offsets along and across, scale in
    pixels of the tile a mm, stretch, twist. ``numbers``: the nipple's u, v, unit vector, radius and height; step of the map, v of
    its upper edge, thickness of the breast.
    """
    nipple, step, top, thick = numbers[:6], numbers[6], numbers[7], numbers[8]
    rows, columns = out.shape[1], out.shape[2]
    d, u, v, e = (
        np.empty(columns, np.float32),
        np.empty(columns, np.float32),
        np.empty(columns, np.float32),
        np.empty(columns, np.float32),
    )
    one, zero, half = np.float32(1), np.float32(0), np.float32(0.5)
    bulge = np.float32(0.46 * thick)
    share = np.float32(_FILLED * thick / LAYERS)
    reach = nipple[4] + max(nipple[5], 0.0) + 9.0
    for j in range(rows):
        line_of(skin, (j + 0.5) / 4 - 0.5, 4, d)
        y = top - (j + 0.5) * step
        if abs(y - nipple[1]) < reach and nipple[5] > 0:
            for i in range(
                max(0, int((nipple[0] - reach) / step)), min(columns, int((nipple[0] + reach + 8) / step))
            ):
                x = (i + 0.5) * step
                q = (x - nipple[0]) * nipple[2] + (y - nipple[1]) * nipple[3]
                r = abs((x - nipple[0]) * nipple[3] - (y - nipple[1]) * nipple[2])
                q = max(q - (nipple[5] - nipple[4]), 0.0) if q > nipple[5] - nipple[4] else min(q + 1.0, 0.0)
                dn = nipple[4] - np.sqrt(r * r + q * q)
                k = min(max(0.5 + 0.5 * (dn - d[i]) / 2.6, 0.0), 1.0)
                d[i] = d[i] * (1 - k) + dn * k + 2.6 * k * (1 - k)
        line_of(rays[0], (j + 0.5) / 4 - 0.5, 4, u)
        line_of(rays[1], (j + 0.5) / 4 - 0.5, 4, v)
        out[0, j], out[3, j], out[4, j] = d, u, v
        g, s = out[1, j], out[2, j]
        g[:] = zero
        s[:] = zero
        for k in range(LAYERS):
            line_of(envelope[k], (j + 0.5) / 8 - 0.5, 8, e)
            ou, ov, scale, stretch, twist = (
                layers[k, 0],
                layers[k, 1],
                layers[k, 2],
                layers[k, 3],
                layers[k, 4],
            )
            for i in range(columns):
                if d[i] < zero:
                    continue
                a = (u[i] + twist * v[i]) * scale * stretch + ou
                b = (v[i] - twist * u[i]) * scale + ov
                y0, x0 = int(np.floor(b)), int(np.floor(a))
                fy, fx = b - np.float32(y0), a - np.float32(x0)
                y1, x1 = (y0 + 1) & 1023, (x0 + 1) & 1023
                y0 &= 1023
                x0 &= 1023
                w0, w1, w2, w3 = (one - fy) * (one - fx), (one - fy) * fx, fy * (one - fx), fy * fx
                sept = (
                    w0 * cells[y0, x0, 1]
                    + w1 * cells[y0, x1, 1]
                    + w2 * cells[y1, x0, 1]
                    + w3 * cells[y1, x1, 1]
                )
                m = zero
                if e[i] > np.float32(-0.95):
                    lob = (
                        w0 * cells[y0, x0, 0]
                        + w1 * cells[y0, x1, 0]
                        + w2 * cells[y1, x0, 0]
                        + w3 * cells[y1, x1, 0]
                    )
                    m = (e[i] - lob * np.float32(0.0052)) * np.float32(1.5) + half
                    m = min(max(m, zero), one)
                    m = m * m * (np.float32(3) - np.float32(2) * m)
                    q = min(max((e[i] + np.float32(0.55)) * np.float32(0.8), zero), one)
                    m = m * (np.float32(0.78) - lob * np.float32(0.0018)) + np.float32(0.2) * q * q
                g[i] += m
                s[i] += sept * (one - np.float32(0.75) * m)
        for i in range(columns):
            if d[i] < zero:
                continue
            q = one - min(d[i] / bulge, one)
            t = np.sqrt(one - q * q)
            if d[i] < np.float32(7) and nipple[5] > 0:
                x, y2 = (i + 0.5) * step - nipple[0], y - nipple[1]
                r = 1 - (x * x + y2 * y2) / (1.6 * nipple[4] * 1.6 * nipple[4] + nipple[5] * nipple[5])
                if r > 0:
                    g[i] = max(g[i], np.float32(4.5 * r * (2 - r)) / share)
            z = read(cloud, v[i] * np.float32(2.4) + np.float32(97), u[i] * np.float32(2.4), 511)
            g[i] = g[i] * share * t * (one + z * np.float32(0.0045))
            s[i] = (s[i] * np.float32(0.0085) + z * np.float32(0.037)) * t


@nb.njit(cache=True, error_model="numpy")
def _muscle(
    out: Map, edge: Map, cloud: Tile, step: float, top: float, most: float
) -> None:  # fmt: skip
    """Add the pectoral muscle: thin at its edge, thicker behind and above, with bundles of fibres along it; noted in plane 5."""
    rows = out.shape[1]
    for j in range(rows):
        e = edge[j]
        if e <= 0:
            continue
        lean = (edge[max(j - 12, 0)] - edge[min(j + 12, rows - 1)]) / (24 * step)
        for i in range(min(out.shape[2], int((e + 2) / step))):
            x = (i + 0.5) * step
            gap = (e - x) / np.sqrt(1 + lean * lean)
            f = min(max((gap + 1.2) / 4.2, 0.0), 1.0)
            f = f * f * (3 - 2 * f)
            body = 0.30 + 0.70 * gap / (gap + 17) if gap > 0 else 0.30
            along = top - (j + 0.5) * step + lean * x
            fan = gap / (1 + 0.004 * max(along, 0.0))
            n = read(cloud, np.float32(fan * 1.3 + 61), np.float32(along * 0.20), 511)
            n += 0.7 * read(cloud, np.float32(fan * 4.2 + 11), np.float32(along * 0.34 + 90), 511)
            path = most * f * body * (1 + 0.0042 * n)
            out[1, j, i] = out[1, j, i] * (1 - 0.25 * f) + path
            out[5, j, i] = f


@nb.njit(cache=True, error_model="numpy")
def _lumps(out: Map, lumps: Map, step: float, top: float, key: int) -> None:
    """Add the chord of each lump; its border is uneven by its roughness, and the plane of septa is pushed aside."""
    for n in range(lumps.shape[0]):
        cu, cv, a, b, c = lumps[n, 0], lumps[n, 1], lumps[n, 2], lumps[n, 3], lumps[n, 4]
        co, si, weight, rough = lumps[n, 5], lumps[n, 6], lumps[n, 7], lumps[n, 8]
        reach = 1.4 * max(a, b)
        for j in range(
            max(0, int((top - cv - reach) / step)), min(out.shape[1], int((top - cv + reach) / step) + 1)
        ):
            for i in range(max(0, int((cu - reach) / step)), min(out.shape[2], int((cu + reach) / step) + 1)):
                x, y = (i + 0.5) * step - cu, top - (j + 0.5) * step - cv
                p, q = (x * co + y * si) / a, (y * co - x * si) / b
                r = p * p + q * q
                bump = lattice2(key + n, (y + 50) / (0.55 * b), (x + 50) / (0.55 * b)) + 0.6 * lattice2(
                    key + n + 99, (y + 50) / (0.22 * b), (x + 50) / (0.22 * b)
                )
                r *= 1 + rough * bump
                if r < 1 and out[0, j, i] > 0:
                    chord = np.sqrt(1 - r) if rough < 0.2 else (1 - r) * (1.5 - 0.5 * (1 - r))
                    path = _SQUASHED * weight * 2 * c * chord
                    out[1, j, i] = max(out[1, j, i] * (1 - 0.35 * min(abs(path) / 8, 1.0)) + path, 0.0)


@nb.njit(cache=True, error_model="numpy")
def draw_strands(out: Map, points: Map, first: npt.NDArray[np.int64], step: float, top: float) -> None:
    """Draw round strands, where two meet the thicker path: chords of a cylinder, blurred by a third of a step."""
    rows, columns = out.shape
    for s in range(first.shape[0] - 1):
        for k in range(first[s], first[s + 1] - 1):
            ax, ay = points[k, 0] / step - 0.5, (top - points[k, 1]) / step - 0.5
            bx, by = points[k + 1, 0] / step - 0.5, (top - points[k + 1, 1]) / step - 0.5
            r = 0.5 * (points[k, 2] + points[k + 1, 2]) / step
            wide = r + 0.85
            most = points[k, 3] * 2 * r * step * r / wide * 1.2
            x0, x1 = max(0, int(min(ax, bx) - wide)), min(columns - 1, int(max(ax, bx) + wide + 1))
            y0, y1 = max(0, int(min(ay, by) - wide)), min(rows - 1, int(max(ay, by) + wide + 1))
            ux, uy = bx - ax, by - ay
            along, inv = ux * ux + uy * uy + 1e-9, 1 / (wide * wide)
            for j in range(y0, y1 + 1):
                for i in range(x0, x1 + 1):
                    t = min(max(((i - ax) * ux + (j - ay) * uy) / along, 0.0), 1.0)
                    dx, dy = i - ax - t * ux, j - ay - t * uy
                    q = 1 - (dx * dx + dy * dy) * inv
                    if q > 0:
                        f = most * np.sqrt(q) * (0.4 + 0.6 * q)
                        out[j, i] = max(out[j, i], np.float32(f))


def tissue(breast: Pressed, frame: Frame, skin: Map, rays: Map, envelope: Map) -> Map:
    """Return (6, rows, columns) at a quarter: mm under the skin, mm of gland, septa, two ray coordinates, share of muscle."""
    rows, columns, step = frame.nodes(4)
    out = np.zeros((6, rows, columns), np.float32)
    seed, n = Seed(str(breast.key)).child("layers", breast.view), breast.nipple
    layers = np.array([
        (
            seed.child("u", k).uniform(0, 1024), seed.child("v", k).uniform(0, 1024), 3.5 * seed.child("scale", k).uniform(0.8, 1.35),
            seed.child("stretch", k).uniform(0.55, 0.85), seed.child("twist", k).normal(0, 0.25),
        )
        for k in range(LAYERS)
    ], np.float32)  # fmt: skip
    numbers = np.array([
        n.u_mm, n.v_mm, n.along, n.up, n.radius_mm, n.height_mm, step, frame.top_mm, breast.thickness_mm
    ])  # fmt: skip
    cloud = tiles()["cloud"]
    _parenchyma(skin, rays, envelope, _cells(), cloud, layers, numbers, out)
    edge = muscle_edge(breast, frame, 4)
    if edge.size:
        _muscle(out, edge, cloud, step, frame.top_mm, 0.19 * breast.thickness_mm)
    _lumps(out, breast.lumps, step, frame.top_mm, breast.key)
    return out
