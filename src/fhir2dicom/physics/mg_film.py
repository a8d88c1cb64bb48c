"""From tissue to stored pixels: fibres and strands at half the matrix, quantum noise and the display's curve at all of it.

For presentation: the breast's own thickness is taken out (peripheral equalisation), gland is bright, air is 0. For
processing: the signal of the detector itself, linear in exposure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache

import numba as nb
import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Pressed
from fhir2dicom.noise import mix
from fhir2dicom.physics.mg_beam import CONTRAST_PER_MM, FAT_PER_MM, Exposure
from fhir2dicom.physics.mg_maps import Frame, Map
from fhir2dicom.physics.mg_tissue import Tile, draw_strands, line_of, read, tiles
from fhir2dicom.physics.xray_film import blur, shrink
from fhir2dicom.seed import Seed

SHOWN_BITS, RAW_BITS = 12, 14
_RAW_FAT = 0.06
"""Signal behind fat, of the detector's range."""
_LOWEST_MM, _STEPS = -10.0, 64
"""The display's curve begins at so many mm of gland, and has so many entries a mm."""
_ENTRIES = 90 * _STEPS
_RAW_LOWEST_MM = -110.0


@dataclass(frozen=True, slots=True)
class Look:
    """How the film is shown."""

    white_mm: float
    """So much gland in place of fat is nearly white."""
    fibre: float
    septum: float
    noise: float
    """Part of the quantum noise that the machine's processing leaves."""


@nb.njit(cache=True, error_model="numpy")
def _half(
    tissue: Map, buffer: Map, wide: Map, fibres: tuple[Tile, Tile], shift: npt.NDArray[np.int64],
    levels: npt.NDArray[np.float64], out: Map,
) -> None:  # fmt: skip
    """Write, at a half: mm of gland as shown, share of the skin's edge, standard deviation of the noise in mm.

    ``wide`` is what is taken off at a sixteenth. ``levels``: gains of fibres and septa, skin mm, noise mm in fat, half the
    contrast of gland a mm, and for a raw film the fat that attenuates as a mm of gland more than fat does, else 0; thickness.
    """
    rows, columns, thick = out.shape[1], out.shape[2], levels[6]
    fibre, cloud = fibres
    n = tissue.shape[0]
    line = np.empty((n, columns), np.float32)
    low = np.empty(columns, np.float32)
    zero, one = np.float32(0), np.float32(1)
    gain_f, gain_s, skin_mm = np.float32(levels[0]), np.float32(levels[1]), levels[2]
    noise_mm, steep = np.float32(levels[3]), np.float32(levels[4])
    bulge, raw = np.float32(0.46 * thick), levels[5] > 0
    fat_mm = np.float32(levels[5] * thick)
    k1 = np.float32(1 / 0.14)
    s0, s1, s2, s3 = np.float32(shift[0]), np.float32(shift[1]), np.float32(shift[2]), np.float32(shift[3])
    for j in range(rows):
        y = (j + 0.5) / 2 - 0.5
        for p in range(n):
            line_of(tissue[p], y, 2, line[p])
        line_of(wide, (j + 0.5) / 8 - 0.5, 8, low)
        d, g, s, u, v, muscle = line[0], line[1], line[2], line[3], line[4], line[5]
        for i in range(columns):
            di = d[i]
            if di < np.float32(-0.1):
                out[1, j, i] = zero
                continue
            q = one - min(max(di, zero) / bulge, one)
            t = np.sqrt(one - q * q)
            inner = min(max((di - np.float32(1.0)) * np.float32(0.28), zero), one)
            f, z = zero, zero
            if inner > zero:
                a, b = u[i] * k1, v[i] * k1
                f = read(fibre, b + s0, a + s1, 1023)
                z = read(cloud, b * np.float32(2.1) + s2, a * np.float32(1.5) + s3, 511)
            m = min(g[i] * np.float32(0.07), one)
            bare = one - np.float32(0.75) * muscle[i]
            lines = f * gain_f * (np.float32(0.22) + np.float32(0.85) * m)
            x = g[i] + inner * bare * (
                lines + z * (np.float32(0.009) + np.float32(0.027) * m) + s[i] * gain_s
            )
            x += buffer[j, i] * min(max(di * np.float32(0.8), zero), one)
            noise = noise_mm * (one + steep * max(x, zero)) * (np.float32(0.55) + np.float32(0.45) * t)
            if raw:
                x -= (one - t) * fat_mm
            else:
                x -= low[i] + (one - t) * np.float32(3.6)
            if di < np.float32(7):
                e = di / np.float32(skin_mm)
                x += np.float32(3.1) * (
                    e if e < one else one / (one + (e - one) * (e - one) * np.float32(2.2))
                )
            out[0, j, i] = x
            out[1, j, i] = min((di + np.float32(0.1)) * np.float32(5), one)
            if not raw:
                out[1, j, i] *= min(np.float32(0.62) + di * np.float32(0.28), one)
            out[2, j, i] = noise


@nb.njit(cache=True, error_model="numpy")
def _whole(
    half: Map, grain: Tile, key: int, curve: npt.NDArray[np.uint16],
    beside: tuple[float, int], mirror: int, out: npt.NDArray[np.uint16], first: int,
) -> None:  # fmt: skip
    """Write the film's rows from ``first`` on: twice the matrix of ``half``, noise, the curve; mirrored for a right breast.

    ``beside``: mm of gland where the curve begins, and what stands beside the breast. Each block of 512 pixels has grain of
    its own: the tile and its mirror image, from where ``key`` says.
    """
    width = out.shape[1]
    rows, columns = 2 * half.shape[1], min(2 * half.shape[2], width)
    x, edge, noise = (
        np.empty(columns, np.float32),
        np.empty(columns, np.float32),
        np.empty(columns, np.float32),
    )
    wrapped = np.empty(columns + 512, np.float32)
    line = np.empty(columns, np.uint16)
    scale, low, top = np.float32(_STEPS), np.float32(-beside[0]), np.float32(curve.shape[0] - 1)
    zero, air = np.float32(0), np.float32(beside[1])
    for j in range(rows):
        y = (j + 0.5) / 2 - 0.5
        line_of(half[1], y, 2, edge)
        last = columns
        while last > 0 and edge[last - 1] <= zero:
            last -= 1
        if last == 0:
            continue
        line_of(half[0], y, 2, x[:last])
        line_of(half[2], y, 2, noise[:last])
        for o in range(0, last, 512):
            k = mix(key, (j // 512) * 64 + o // 512)
            a, b = int((k >> np.uint64(18)) & np.uint64(511)), int((k >> np.uint64(27)) & np.uint64(511))
            one = grain[0, (j + int(k & np.uint64(511))) & 511, a : a + 512]
            two = grain[1, (int((k >> np.uint64(9)) & np.uint64(511)) - j) & 511, b : b + 512]
            out_of = wrapped[o : o + 512]
            for i in range(512):
                out_of[i] = np.float32(one[i]) + np.float32(two[i])
        for i in range(last):
            t = (x[i] + noise[i] * wrapped[i] + low) * scale
            line[i] = np.uint16(air + (np.float32(curve[np.int32(min(max(t, zero), top))]) - air) * edge[i])
        if mirror:
            for i in range(last):
                out[first + j, width - 1 - i] = line[i]
        else:
            out[first + j, :last] = line[:last]


@nb.njit(cache=True, error_model="numpy")
def _grains(
    out: npt.NDArray[np.uint16],
    grains: Map,
    skin: Map,
    place: tuple[float, float],
    tone: tuple[float, int],
    mirror: int,
) -> None:
    """Whiten what calcifications and clips cover; ``place``: size of a pixel and v of the film's upper edge.

    ``tone``: a millimetre of mineral as a share of what is left to white, and white.
    """
    pixel, top, gain, white = place[0], place[1], tone[0], tone[1]
    rows, width = out.shape
    for n in range(grains.shape[0]):
        cx, cy = grains[n, 0] / pixel - 0.5, (top - grains[n, 1]) / pixel - 0.5
        j16, i16 = int(cy / 16), int(cx / 16)
        if j16 < 0 or i16 < 0 or j16 >= skin.shape[0] or i16 >= skin.shape[1] or skin[j16, i16] < 1.5:
            continue
        a, b = grains[n, 2] / pixel + 0.6, grains[n, 3] / pixel + 0.6
        thin = (a - 0.6) * (b - 0.6) / (a * b)
        co, si, path = grains[n, 4], grains[n, 5], grains[n, 6] * (0.4 + 0.6 * thin)
        reach = int(1.15 * max(a, b) + 2)
        for j in range(max(0, int(cy) - reach), min(rows, int(cy) + reach + 2)):
            for i in range(max(0, int(cx) - reach), min(width, int(cx) + reach + 2)):
                p, q = ((i - cx) * co - (j - cy) * si) / a, ((j - cy) * co + (i - cx) * si) / b
                r = 1.2 - p * p - q * q
                if r > 0:
                    e = path * gain * np.sqrt(min(r, 1.0)) * min(1.0, r * 1.6)
                    x = width - 1 - i if mirror else i
                    old = float(out[j, x])
                    out[j, x] = np.uint16(
                        old + (white - old) * e / (1 + abs(e)) if e > 0 else old * (1 + e / (1 - e) * 0.35)
                    )


@cache
def _grain() -> Tile:
    """Return (2, 512, 1024): the grain twice along the rows, and its mirror image."""
    tile = tiles()["grain"]
    return np.ascontiguousarray(np.stack([np.tile(tile, (1, 2)), np.tile(tile[:, ::-1], (1, 2))]))


@lru_cache(maxsize=64)
def curve(white_mm: float, bits: int) -> npt.NDArray[np.uint16]:
    """Return the display's curve, `_STEPS` entries a millimetre of gland: fat at a fifth, ``white_mm`` at nine tenths."""
    top = (1 << bits) - 1
    out = []
    for k in range(_ENTRIES):
        x = (_LOWEST_MM + k / _STEPS) / white_mm
        bright = 1.08 * (1 - math.exp(-1.35 * (x + 0.17))) if x > -0.17 else 0.0
        out.append(round(round(0.012 + min(bright, 1.0) * 0.985, 9) * top))
    return np.array(out, np.uint16)


@cache
def raw_curve() -> npt.NDArray[np.uint16]:
    """Return the detector's signal, `_STEPS` entries a millimetre of gland: linear in exposure."""
    top = (1 << RAW_BITS) - 1
    out = [
        round(round(_RAW_FAT * top * math.exp(-CONTRAST_PER_MM * (_RAW_LOWEST_MM + k / _STEPS)), 6))
        for k in range(180 * _STEPS)
    ]
    return np.array([min(v, top) for v in out], np.uint16)


def film(
    breast: Pressed, frame: Frame, parts: tuple[Map, Map], exposure: Exposure, seed: Seed,
    place: tuple[tuple[int, int], int], look: Look, *, raw: bool = False,
) -> npt.NDArray[np.uint16]:  # fmt: skip
    """Return the film, (rows, columns): ``parts`` are the skin's depth at a sixteenth and the tissue at a quarter.

    ``place``: rows and columns of the whole film, and the row at which the frame begins.
    """
    (shape, first), bits = place, RAW_BITS if raw else SHOWN_BITS
    skin, tissue = parts
    rows, columns, step = frame.nodes(2)
    buffer = np.zeros((rows, columns), np.float32)
    draw_strands(buffer, breast.strands.points, breast.strands.first, step, frame.top_mm)
    texture = Seed(str(breast.key)).child("fibres", breast.view)
    shift = np.array([texture.child(k).integer(1024) for k in range(4)], np.int64)
    noise = exposure.noise_mm * (1.0 if raw else look.noise) / 45.25
    fat = FAT_PER_MM / CONTRAST_PER_MM if raw else 0.0
    levels = np.array([look.fibre, look.septum, 1.5, noise, exposure.steepening, fat, breast.thickness_mm])
    half = np.zeros((3, rows, columns), np.float32)
    t = tiles()
    wide = _wide(tissue)
    _half(tissue, buffer, wide, (t["fibre"], t["cloud"]), shift, levels, half)
    air = int(0.93 * ((1 << bits) - 1)) if raw else 0
    out = np.full(shape, air, np.uint16) if raw else np.zeros(shape, np.uint16)
    mirror = int(breast.laterality == "R")
    table, low = (raw_curve(), _RAW_LOWEST_MM) if raw else (curve(look.white_mm, bits), _LOWEST_MM)
    _whole(half, _grain(), seed.child("grain").key(), table, (low, air), mirror, out, first)
    top = frame.top_mm + first * frame.pixel_mm
    _grains(out, breast.grains, skin, (frame.pixel_mm, top), (1.9, 0 if raw else (1 << bits) - 1), mirror)
    return out


def _wide(tissue: Map) -> Map:
    """Return what is taken off everywhere, at a sixteenth: part of the gland's slow rise, so that dense parts keep detail."""
    gland = shrink(np.ascontiguousarray(tissue[1]), 4)
    out: Map = (blur(gland, 5) * np.float32(0.3)).astype(np.float32)
    return out
