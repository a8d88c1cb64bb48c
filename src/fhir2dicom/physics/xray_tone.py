"""Which grey is which: the wide bands of a film's display and the levels that its curve is laid through."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from fhir2dicom.physics.xray_film import Map, blur
from fhir2dicom.physics.xray_look import Look

REACH = 1.15
"""How far into its shoulders the display's curve is used: steepness of the sigmoid."""

Tones = tuple[Map, Map, Map, tuple[float, float]]
"""The wide band, the middle one, how much fine ones are damped, and the levels of the low and the dense grey."""


def chest_tones(x16: Map, clear: Map, inside: npt.NDArray[np.bool_], look: Look) -> Tones:
    """Return the bands of a chest.

    ``x16`` is the log signal and ``clear`` the lung in mm, both at a sixteenth; ``inside`` is what was exposed.
    """
    middle = np.float32(np.sort(x16[inside])[inside.sum() // 2])
    base16, mid16 = blur(np.maximum(x16, np.float32(1.0)), 6), blur(x16, 1, 2)
    wide = (middle + (base16 - middle) * np.float32(look.base)).astype(np.float32)
    low, high = _levels(wide, clear, inside)
    wide = _bent(wide, low, high, look.knee) + (mid16 - base16) * np.float32(look.middle)
    low, high = _levels(wide, clear, inside)
    wide = _limited(_bent(wide, low, high, look.knee), low, high)
    low, high = _levels(wide, clear, inside)
    damp16 = (1 - np.float32(look.damp) * np.clip((blur(wide, 2, 2) - low) / (high - low), 0, 1)).astype(
        np.float32
    )
    return wide, mid16, damp16, _levels(wide + damp16 * (x16 - mid16) * np.float32(look.fine), clear, inside)


def tones(x16: Map, bone: Map, inside: npt.NDArray[np.bool_], look: Look) -> Tones:
    """Return the bands of any other part; ``bone`` is the log signal of what is fine, at a sixteenth."""
    floor = np.float32(rank(x16[inside], 0.1))
    middle = np.float32(rank(x16[inside], 0.5))
    base16, mid16 = blur(np.maximum(x16, floor), 6), blur(x16, 1, 2)
    wide = (
        middle + (base16 - middle) * np.float32(look.base) + (mid16 - base16) * np.float32(look.middle)
    ).astype(np.float32)
    shown = wide + (x16 - mid16) * np.float32(look.fine)
    hard = inside & (bone > 0.15)
    soft = inside & (bone < 0.03)
    body = shown[inside]
    if look.shares[1]:
        low, high = (rank(body, share) for share in look.shares)
    else:
        low = rank(shown[soft], 0.5) if soft.sum() > 20 else rank(body, 0.2)
        high = rank(shown[hard], 0.9) if hard.sum() > 20 else rank(body, 0.97)
    high = max(high, low + 0.3)
    wide = _limited(_bent(wide, low, high, look.knee), low, high)
    damp16 = (1 - np.float32(look.damp) * np.clip((blur(wide, 2, 2) - low) / (high - low), 0, 1)).astype(
        np.float32
    )
    return wide, mid16, damp16, (low, high)


def rank(values: Map, share: float) -> float:
    """Return the value that so large a share of the others does not reach."""
    ordered = np.sort(values)
    return float(ordered[min(int(share * len(ordered)), len(ordered) - 1)])


def _levels(shown: Map, lung_mm: Map, inside: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return the level of the clear lungs and that of the densest parts."""
    body = np.sort(shown[inside])
    lungs = shown[inside & (lung_mm > 0.45 * lung_mm.max())]
    low = float(np.sort(lungs)[len(lungs) // 4]) if len(lungs) else float(body[len(body) // 10])
    return low, max(float(body[int(0.97 * len(body))]), low + 0.2)


def _bent(wide: Map, low: float, high: float, knee: float) -> Map:
    """Return a map whose dense parts are drawn nearer: half the slope beyond the knee, a parabola before it."""
    t = ((wide - np.float32(low)) / np.float32(high - low)).astype(np.float32)
    k, w = np.float32(knee), np.float32(0.2)
    over = np.clip(t - (k - w), 0, 2 * w)
    less = 0.5 * (over * over / (4 * w) + np.maximum(t - (k + w), 0))
    out: Map = (np.float32(low) + np.float32(high - low) * (t - less)).astype(np.float32)
    return out


def _limited(wide: Map, low: float, high: float) -> Map:
    """Return a map whose densest parts come near a limit, just below ``high``; just below ``low`` it falls half as steeply."""
    span = np.float32(high - low)
    t = ((wide - np.float32(low)) / span).astype(np.float32)
    over = np.maximum(t - np.float32(0.75), 0)
    less = over - over / (1 + np.float32(5) * over) + np.float32(0.5) * np.clip(t, -0.6, 0)
    out: Map = (wide - span * less).astype(np.float32)
    return out


def inverse(grey: float) -> float:
    """Return where the display's curve gives a grey of 0 … 1."""
    g = (2 * grey - 1) * REACH / math.sqrt(1 + REACH * REACH)
    return g / math.sqrt(1 - g * g)


def exposed(x16: Map, shutter: tuple[int, int, int, int], look: Look) -> npt.NDArray[np.bool_]:
    """Return where, at a sixteenth, the beam fell and met something."""
    inside = np.zeros(x16.shape, bool)
    top, bottom, left, right = (v // 16 for v in shutter)
    inside[top + 1 : max(bottom - 1, top + 2), left + 1 : max(right - 1, left + 2)] = True
    body = inside & (x16 > (0.7 if look.lungs else 0.12))
    return body if body.any() else inside
