"""The skin of a pressed breast in each view, and the pectoral muscle behind it. Shapes are ours, drawn to look right.

Plane as in `model.breast`: u from the chest wall, v up, the nipple near v = 0; mm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Nipple, Pressed
from fhir2dicom.seed import Seed

Points = npt.NDArray[np.float32]

_FOLD_SEEN = 0.6
"""Share of oblique and lateral films that show the fold below the breast (ours)."""
TOP_MM = 190.0
"""So far above the nipple an oblique view's outline goes on."""


@dataclass(frozen=True, slots=True)
class Form:
    """Measures of one breast, mm."""

    depth_mm: float
    """Chest wall to the skin behind the nipple."""
    width_mm: float
    """Half of its base."""
    droop_mm: float
    thickness_mm: float
    nipple_mm: float
    """Radius of the nipple."""
    seed: Seed
    """Of the woman: shapes that both sides share."""
    own: Seed
    """Of the side."""


def outline(form: Form, view: str) -> tuple[Points, Nipple]:
    """Return the skin from below to above, (points, 2), and the nipple on it."""
    curve, at = _cranio_caudal(form) if view == "CC" else _oblique(form, view)
    k = int(np.argmin(np.abs(curve[:, 1] - at) - 0.2 * curve[:, 0]))
    k = min(max(k, 4), len(curve) - 5)
    tangent = curve[k + 3] - curve[k - 3]
    length = math.sqrt(float((tangent * tangent).sum()))
    along, up = round(float(tangent[1]) / length, 6), round(-float(tangent[0]) / length, 6)
    profile = form.own.child("profile", view).uniform() < 0.75
    height = (4.0 + form.seed.child("nipple height").normal(0.8, 1.2)) * form.nipple_mm / 5
    u, v = float(curve[k, 0]), float(curve[k, 1])
    curve[:, 1] -= v
    if not profile:
        aside = form.own.child("turned", view).uniform(7, 13)
        return curve.astype(np.float32), Nipple(u - aside, 0.0, along, up, form.nipple_mm, -height)
    return curve.astype(np.float32), Nipple(u, 0.0, along, up, form.nipple_mm, max(height, 2.0))


def _cranio_caudal(form: Form) -> tuple[npt.NDArray[np.float64], float]:
    seed, own = form.seed.child("cc"), form.own.child("cc")
    n = 121
    lean = seed.child("lean").normal(0.05, 0.05)
    blunt = seed.child("blunt").uniform(0.0, 0.2)
    waves = [
        seed.child("wave", k).normal(0, 0.016) + own.child("wave", k).normal(0, 0.006) for k in (2, 3, 4)
    ]
    flare = [0.0, max(own.child("flare").uniform(-7, 6), 0.0)]
    out = np.empty((n, 2))
    for i in range(n):
        t = -1 + 2 * i / (n - 1)
        angle = t * math.pi / 2
        s, c = math.sin(angle), math.cos(angle)
        full = c + blunt * c * (1 - c)
        u = (
            form.depth_mm
            * full
            * (1 + lean * s + sum(w * math.sin(k * angle + k) for k, w in zip((2, 3, 4), waves, strict=True)))
        )
        edge = max(0.0, 1 - full * 3.5)
        v = form.width_mm * s + (flare[1] if t > 0 else -flare[0]) * edge * edge
        out[i] = round(u - 4.0, 5), round(v, 5)
    ends = np.array([[-40.0, out[0, 1] - 2]]), np.array([[-40.0, out[-1, 1] + 2]])
    return np.concatenate([ends[0], out, ends[1]]), own.child("nipple").normal(-0.02, 0.035) * form.width_mm


def _oblique(form: Form, view: str) -> tuple[npt.NDArray[np.float64], float]:
    """Mediolateral oblique, or (ML) lateral with less of the armpit."""
    seed, own = form.seed.child("mlo"), form.own.child(view)
    d, w, droop = form.depth_mm, form.width_mm, form.droop_mm
    axilla = d * (seed.child("axilla").normal(0.62, 0.09) if view == "MLO" else 0.42) + 6
    slope = seed.child("slope").uniform(0.0, 1.0)
    low, top = -0.80 * w - 0.75 * droop, max(TOP_MM, 1.55 * w + 30)
    below = _fold(form, view, low)
    fold = below[-1][0]
    controls = np.array([
        *below,
        (max(d * 0.36, fold + 7), low * 0.93), (d * 0.66, low * 0.79), (d * 0.89, low * 0.53), (d * 1.0, low * 0.24), (d * 1.02, 0.0),
        (d * (0.985 - 0.02 * slope), 0.22 * w), (d * (0.93 - 0.05 * slope), 0.50 * w), (axilla + (d - axilla) * (0.62 - 0.2 * slope), 0.86 * w),
        (axilla + (d - axilla) * 0.26, 1.22 * w), (axilla + 2, 1.55 * w), (axilla - 3, top), (axilla - 5, top + 60), (axilla - 5, top + 160),
    ])  # fmt: skip
    for k in range(len(below), len(below) + 9):
        controls[k, 0] += (
            own.child("dent", k).normal(0, 0.009) * d + seed.child("dent", k).normal(0, 0.012) * d
        )
    curve = _through(controls)
    ends = np.array([[-40.0, curve[0, 1]]]), np.array([[-40.0, curve[-1, 1]]])
    return np.concatenate([ends[0], curve, ends[1]]), -0.02 * w - 0.5 * droop


def _fold(form: Form, view: str, low: float) -> list[tuple[float, float]]:
    """Return the skin from the belly up to the fold below the breast: an open angle, or behind the film's edge."""
    seed, own = form.seed.child("mlo"), form.own.child(view)
    size, w = form.depth_mm / 95, form.width_mm
    if own.child("fold seen").uniform() > _FOLD_SEEN:
        behind = -10.0 - own.child("fold").uniform(0, 6)
        return [(behind - 4 + k, low - (0.9 - 0.29 * k) * w) for k in range(3)] + [(behind, low)]
    fold = (seed.child("fold").uniform(9.0, 24.0) + own.child("fold").uniform(0, 6)) * size
    belly = seed.child("belly").uniform(14.0, 34.0) * size
    rows = ((1.9, 0.95), (1.4, 0.52), (0.9, 0.26), (0.36, 0.09), (0.0, 0.0))
    return [(fold + belly * out, low - down * w) for out, down in rows]


def turned(breast: Pressed, degrees: float) -> Pressed:
    """Return the breast laid on the support a little turned about its nipple, as no two films are alike."""
    a = math.radians(degrees)
    c, s = round(math.cos(a), 9), round(math.sin(a), 9)
    middle = breast.nipple.u_mm

    def go(points: Points, u: int = 0, about: float = middle) -> Points:
        p = points.astype(np.float64)
        x, y = p[:, u] - about, p[:, u + 1].copy()
        p[:, u], p[:, u + 1] = about + (c * x - s * y), s * x + c * y
        return p.astype(np.float32)

    way = breast.nipple.along, breast.nipple.up
    return replace(
        breast,
        outline=go(breast.outline),
        nipple=replace(
            breast.nipple, along=round(c * way[0] - s * way[1], 6), up=round(s * way[0] + c * way[1], 6)
        ),
        lobes=go(go(breast.lobes), 3, 0.0),
        strands=replace(breast.strands, points=go(breast.strands.points)),
        pectoral=go(breast.pectoral),
        lumps=go(go(breast.lumps), 5, 0.0),
        grains=go(go(breast.grains), 4, 0.0),
    )


def _through(controls: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return a centripetal enough curve through the controls: Catmull-Rom, ten points a span."""
    out = []
    for i in range(len(controls) - 1):
        p0, p1 = controls[max(i - 1, 0)], controls[i]
        p2, p3 = controls[i + 1], controls[min(i + 2, len(controls) - 1)]
        for k in range(10):
            t = k / 10
            out.append(
                0.5
                * (
                    2 * p1
                    + (p2 - p0) * t
                    + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t * t
                    + (3 * p1 - p0 - 3 * p2 + p3) * t * t * t
                )
            )
    return np.array([*out, controls[-1]])


def pectoral(form: Form, view: str) -> Points:
    """Return the muscle's front edge in an oblique view, (points, 2), from above downwards."""
    if view == "CC":
        return _behind(form)
    if view != "MLO":
        return np.zeros((0, 2), np.float32)
    seed, own = form.seed.child("pectoral"), form.own.child("pectoral")
    top = form.depth_mm * seed.child("top").normal(0.60, 0.08)
    low = own.child("low").normal(-2.0, 12.0)
    bulge, hook = (
        min(max(seed.child("bulge").normal(0.15, 0.05), 0.06), 0.24),
        seed.child("hook").uniform(0.0, 0.10),
    )
    n = 44
    out = np.empty((n, 2), np.float32)
    wave = [own.child("wave", k).normal(0, 1.3 / (1 + 0.5 * k)) for k in range(6)]
    for i in range(n):
        t = 1 - i / (n - 1)
        u = top * (t + bulge * 4 * t * (1 - t) - hook * t * (1 - t) * (1 - t) * 4)
        u += sum(a * math.sin((k + 1.3) * 2.6 * t + 2 * k) for k, a in enumerate(wave)) * min(2 * t, 1.0)
        out[i] = round(max(u, 0.0), 4), round(low + (TOP_MM - 30 - low) * t, 4)
    return out


def _behind(form: Form) -> Points:
    """Return the crescent of muscle that three frontal views in ten have at the chest wall."""
    own = form.own.child("crescent")
    if own.child("seen").uniform() > 0.3:
        return np.zeros((0, 2), np.float32)
    wide, deep = own.child("wide").uniform(22, 48), own.child("deep").uniform(5, 12)
    middle = own.child("middle").normal(4, 12)
    steps = [1 - k / 12 for k in range(25)]
    return np.array(
        [(round(deep * (1 - t * t) - 1.5, 4), round(middle + wide * t, 4)) for t in steps], np.float32
    )
