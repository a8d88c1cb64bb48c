"""The jaws about the teeth: gum, the crest between the teeth, cortex and cancellous net, sinus, nose and canal.

One pass over the film for each jaw. What a tooth with its ligament takes up is missing from the bone's path; the wall of its
socket is added. The net of trabeculae is fixed to the jaw: the same place in two films of a patient has the same net.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Mouth
from fhir2dicom.physics.io_tooth import SOFT, Array
from fhir2dicom.physics.io_view import View
from fhir2dicom.seed import Seed

Tile = npt.NDArray[np.int8]
CORTICAL, CANCELLOUS, WALL_BONE = 0.128, 0.052, 0.080
"""Attenuation in 1/mm, as `io_tooth` has teeth; cancellous bone with its marrow."""
NOTHING, SINUS, CANAL = 0, 1, 2
"""What lies beyond ``far`` in a jaw's pass."""


@cache
def tiles() -> dict[str, Tile]:
    """Return the textures of `atlas/build_io_tiles.py`."""
    path = files("fhir2dicom.physics") / "tiles" / "io.npz"
    with path.open("rb") as stream, np.load(stream) as arrays:
        return {name: np.ascontiguousarray(arrays[name]) for name in ("maxilla", "mandible", "noise")}


@nb.njit(cache=True)
def polyline(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], first: float, step: float, count: int
) -> Array:
    """Return straight lines through (x, y), x ascending, at ``count`` places; held beyond the ends."""
    out, k = np.empty(count, np.float32), 0
    for i in range(count):
        at = first + i * step
        while k < x.shape[0] - 2 and x[k + 1] < at:
            k += 1
        t = min(max((at - x[k]) / max(x[k + 1] - x[k], 1e-6), 0.0), 1.0)
        out[i] = np.float32(y[k] + t * (y[k + 1] - y[k]))
    return out


@nb.njit(cache=True)
def smooth(a: Array, reach: int) -> Array:
    """Return a running mean of 2 · reach + 1, twice, ends held."""
    n = a.shape[0]
    for _ in range(2):
        out, total = np.empty_like(a), 0.0
        for k in range(-reach, reach + 1):
            total += a[min(max(k, 0), n - 1)]
        for i in range(n):
            out[i] = np.float32(total / (2 * reach + 1))
            total += a[min(i + reach + 1, n - 1)] - a[max(i - reach, 0)]
        a = out
    return a


@dataclass(frozen=True, eq=False, slots=True)
class Jaw:
    """One jaw on one film, by columns, mm from the film's middle."""

    upper: bool
    crest: Array
    far: Array
    beyond: int
    ridge: Array
    """Thickening: oblique ridge, tuberosity, torus."""
    suture: Array
    """Share of bone that is missing in a column: the midline of the palate."""
    numbers: Array


def jaw_of(mouth: Mouth, view: View, *, upper: bool, across: Array) -> Jaw:
    """Return a jaw as the film sees it; ``across``: mm of each column's middle."""
    seed = Seed("jaw", (str(mouth.key), str(upper), str(view.right)))
    sign = -1.0 if upper else 1.0
    crest = _crest(view, seed, sign, across)
    back = (-across if view.mirror > 0 else across) + np.float32(view.middle_mm * (0 if view.middle else 1))
    far, beyond = _far(mouth, view, seed, crest, across, back, upper=upper)
    ridge = np.zeros_like(across)
    if not view.front:
        begin = 39.0 if not upper else 52.0
        ridge = np.clip(
            (back - np.float32(begin)) * np.float32(0.12), 0, np.float32(1.3 if not upper else 0.6)
        ).astype(np.float32)
    if mouth.torus_mm and not upper:
        lump = np.clip(1 - ((back - 24.0) / 9.0) ** 2, 0, 1)
        ridge = (ridge + lump * np.float32(mouth.torus_mm * 0.25)).astype(np.float32)
    suture = np.zeros_like(across)
    if view.middle and upper:
        off = (across - np.float32(view.middle_mm * view.magnification)) / np.float32(0.13)
        suture = (np.float32(0.30) / (1 + off * off)).astype(np.float32)
    front = view.front
    #            thickness: at the crest, deep; cortices: at the crest, deep; net
    numbers = (
        (5.0, 8.5 if front else 10.5, 0.5, 1.2, CANCELLOUS * mouth.density * 1.05, 0.135 * mouth.coarseness)
        if upper
        else (
            5.0,
            9.5 if front else 12.5,
            0.9,
            2.1 if front else 3.2,
            CANCELLOUS * mouth.density * 0.95,
            0.185 * mouth.coarseness,
        )
    )
    return Jaw(upper, crest, far, beyond, ridge, suture, np.array((*numbers, sign), np.float32))


def _crest(view: View, seed: Seed, sign: float, across: Array) -> Array:
    """Return the alveolar crest: 1.5 mm below the necks and what was lost, from tooth to tooth; sunk where one is missing."""
    points: list[tuple[float, float]] = []
    upper = sign < 0
    for p in view.placed:
        if p.tooth.upper != upper or p.tooth.erupted < 0.75:
            continue
        up = (1 - p.tooth.erupted) * 6.0
        half = 0.5 * p.tooth.solid.neck_width_mm * p.tooth.scale[0] * view.magnification + 0.3
        low = 1.5 if not p.tooth.primary else 1.2
        for side, loss in zip((1, -1), p.tooth.bone_loss_mm, strict=True):
            points.append((p.x + side * p.mirror * half, p.y + sign * (low + loss - up) * view.magnification))
        points.append((p.x, p.y + sign * (low + 0.7 + max(p.tooth.bone_loss_mm) - up) * view.magnification))
    for gap in view.gaps:
        if gap.space.upper == upper:
            y = gap.y + sign * (1.5 + gap.space.resorbed_mm) * view.magnification
            points += [(gap.x - 0.7 * gap.half, y), (gap.x + 0.7 * gap.half, y)]
    step = view.step_mm
    if not points:
        level = view.bite_mm + (view.open_mm if not upper else 0.0) + sign * 9.0
        points = [(-20.0, level), (20.0, level)]
    points.sort()
    backwards = -1 if view.mirror > 0 else 1
    last = points[0] if backwards < 0 else points[-1]
    if not view.front:  # behind the last tooth the crest runs on, then up to the ramus or over the tuberosity
        rise = -2.0 if not upper else -1.0
        ahead = [p.x for p in view.placed if p.tooth.upper == upper]
        end = (max if backwards > 0 else min)([last[0], *ahead]) + backwards * 3.0
        points += [(last[0] + backwards * 2.5, last[1] + 0.5 * sign), (end, last[1] + 0.6 * rise)]
        points += [(end + backwards * d, last[1] + r * rise) for d, r in ((8.0, 3.5), (16.0, 8.0))]
        points.sort()
    xs, ys = (np.array([p[k] for p in points], np.float64) for k in (0, 1))
    line = polyline(xs, ys, float(across[0]), step, len(across))
    uneven = _uneven(seed.child("crest"), len(across), 0.16, 34)
    return smooth((line + uneven).astype(np.float32), 5)


def _uneven(seed: Seed, count: int, sd: float, every: int) -> Array:
    knots = count // every + 2
    values = np.array([seed.child(k).normal(0.0, sd) for k in range(knots)], np.float64)
    return smooth(polyline(np.arange(knots, dtype=np.float64) * every, values, 0.0, 1.0, count), every // 3)


def _far(
    mouth: Mouth, view: View, seed: Seed, crest: Array, across: Array, back: Array, *, upper: bool
) -> tuple[Array, int]:
    """Return where the floor of sinus or nose runs, or the canal of the lower jaw, and which of them it is."""
    n = len(across)
    wave = _uneven(seed.child("far"), n, 1.0, 90)
    level = smooth(crest, 160)
    if upper and view.front:
        middle = across - np.float32(
            view.middle_mm * view.magnification if view.middle else view.mirror * -12.0
        )
        dip = np.clip(1 - np.abs(middle) / 2.2, 0, 1) * np.float32(2.4)
        return (
            level - np.float32(21.0) + dip + np.float32(0.03) * np.clip(middle, -9, 9) ** 2 * -1 + wave
        ).astype(np.float32), SINUS
    if upper:
        rise = np.clip((30.0 - back) * 0.30, 0, 3) ** 2 * 2.5
        return (level - np.float32(mouth.sinus_mm) - rise.astype(np.float32) + np.float32(1.6) * wave).astype(
            np.float32
        ), SINUS
    if view.front:
        return (level + np.float32(60.0)).astype(np.float32), NOTHING
    slope = np.clip((back - 30.0) * 0.16, -1.0, 4.0).astype(np.float32)
    far = level + np.float32(16.5) - slope + np.float32(0.6) * wave
    ends = np.where(back < 24.0, (24.0 - back) * 6.0, 0.0)
    return (far + ends).astype(np.float32), CANAL


@nb.njit(cache=True, error_model="numpy")
def add_jaw(
    out: Array,
    film: Array,
    tile: Tile,
    jaw: Array,
    by_column: Array,
    beyond: int,
    shift: npt.NDArray[np.int64],
    grid: Array,
) -> None:
    """Add gum and bone of one jaw to the attenuation ``out``.

    by_column: crest, far, ridge, suture; shift: tile row, tile column, its sense; grid: first row's mm, step.
    """
    n, m = out.shape
    t0, t1, c0, c1, mu, amplitude, sign = jaw[0], jaw[1], jaw[2], jaw[3], jaw[4], jaw[5], jaw[6]
    nil, one, half = np.float32(0), np.float32(1), np.float32(0.5)
    soft, cortical, wall = np.float32(SOFT), np.float32(CORTICAL), np.float32(WALL_BONE)
    crest, far, ridge, suture = by_column[0], by_column[1], by_column[2], by_column[3]
    high, wide = tile.shape[0] - 1, tile.shape[1] - 1
    unit = np.float32(1 / 32)
    for j in range(n):
        y = grid[0] + np.float32(j) * grid[1]
        row = tile[(j + shift[0]) & high]
        for i in range(m):
            d = sign * (y - crest[i])
            if d < np.float32(-3.2):
                continue
            taken = film[1, j, i]
            g = min(max((d + np.float32(3.2)) * np.float32(0.42), nil), one)
            gum = soft * max(
                (np.float32(6.5) + ridge[i] * np.float32(3)) * g * g * (np.float32(3) - g - g) - taken, nil
            )
            if d < np.float32(-0.9):
                out[j, i] += gum
                continue
            e = min(max(d * (np.float32(1.7) - min(taken, np.float32(4)) * np.float32(0.3)) + half, nil), one)
            deep = max(d, nil)
            f = deep / (deep + np.float32(5)) * np.float32(1.3)
            thick = t0 + (t1 - t0) * f
            cortex = c0 + (c1 - c0) * f
            line = ridge[i] * np.float32(3.2)
            net = amplitude
            q = sign * (y - far[i])
            if beyond == 1:
                v = min(max(q * np.float32(1.5) + half, nil), one)
                thick *= one - np.float32(0.60) * v
                cortex *= one - np.float32(0.35) * v
                net *= one - np.float32(0.45) * v
                s = one - (q - np.float32(0.1)) * (q - np.float32(0.1)) * np.float32(5)
                if s > 0:
                    line += np.float32(1.5) * s * s
            elif beyond == 2:
                a = abs(q)
                v = min(max((np.float32(1.55) - a) * np.float32(2.5), nil), one)
                thick -= np.float32(2.2) * v
                net *= one - np.float32(0.35) * v
                s = one - (a - np.float32(1.75)) * (a - np.float32(1.75)) * np.float32(6)
                if s > 0:
                    line += np.float32(0.8) * s * s
            s = one - (d - np.float32(0.25)) * (d - np.float32(0.25)) * np.float32(6)
            if s > 0:
                line += np.float32(1.7) * s * s * max(one - max(taken - one, nil) * np.float32(0.25), nil)
            room = max(thick - cortex - taken, np.float32(0.5))
            texture = np.float32(row[(i * shift[2] + shift[1]) & wide]) * unit
            here = min(one, np.float32(0.35) + d * np.float32(0.22))
            whole = cortical * (cortex + line) + mu * room * (one + net * texture * here) * (one + net * here)
            split = suture[min(max(i + tile[(j >> 2) & high, 7] // 12, 0), m - 1)] * max(
                one - d * np.float32(0.05), nil
            )
            out[j, i] += gum * (one - e * np.float32(0.8)) + e * (
                whole * (one - split) + wall * film[2, j, i]
            )


@nb.njit(cache=True, error_model="numpy")
def well(film: Array, n: Array) -> None:
    """Take bone away about a point of the film: n = column, row, half widths in pixels, mm of bone, key of its outline."""
    x, y, rx, ry, mm = n[0], n[1], n[2], n[3], n[4]
    for j in range(max(0, int(y - 1.3 * ry)), min(film.shape[1], int(y + 1.3 * ry) + 2)):
        for i in range(max(0, int(x - 1.3 * rx)), min(film.shape[2], int(x + 1.3 * rx) + 2)):
            u, v = (np.float32(i) - x) / rx, (np.float32(j) - y) / ry
            r2 = u * u + v * v
            uneven = np.float32(1) + (u * v * n[5] + (u * u - v * v) * n[6]) / (r2 + np.float32(0.2))
            p = np.float32(1) - r2 / (uneven * uneven)
            if p > 0:
                soft = np.sqrt(p) * min(np.float32(1), p * np.float32(2.2))
                film[1, j, i] += mm * soft
                film[2, j, i] *= np.float32(1) - min(np.float32(1), p * np.float32(3))
