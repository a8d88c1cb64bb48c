"""What a breast holds, in three dimensions: lobes of gland, ducts, vessels, ligaments, lymph nodes.

Frame of one breast, as a left one: x from the chest wall to the nipple, y to the side (lateral), z up; the nipple is at
(depth, 0, 0); mm. A view turns it about x: what it sees as v is ``y cos + z sin``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.breast_form import Form
from fhir2dicom.anatomy.breast_walk import Line, branches, walk
from fhir2dicom.model import Floats, Strands
from fhir2dicom.seed import Seed

Array = npt.NDArray[np.float64]

_HALF = round(math.sqrt(0.5), 9)
TURN = {"CC": (1.0, 0.0), "MLO": (_HALF, _HALF), "ML": (0.0, 1.0)}
"""View: (cosine, sine) of the turn; an oblique view is taken at 45 degrees."""

VESSEL, DUCT, LIGAMENT = 0.85, 0.9, 0.8
"""Attenuation less that of fat, in units of gland less fat; blood and collagen near gland (ours)."""


@dataclass(frozen=True, eq=False, slots=True)
class Inside:
    """The inside of one breast."""

    lobes: Array
    """(lobes, 6): x, y, z, sigma along the ray from the nipple, across, weight."""
    lines: tuple[tuple[Line, float], ...]
    """Strands, each (points, 4), and their weight."""
    nodes: Array
    """(nodes, 5): how far along the armpit (0 at the film's top … 1), u share of its width, long and short half axis, turn."""


def inside(form: Form, size: float, older: float) -> Inside:
    """Return the inside of a breast: ``size`` about 1, ``older`` 0 in youth … 1 in old age thins the ducts."""
    return Inside(
        _lobes(form, size),
        (*((s, DUCT) for s in _ducts(form, older)), *((s, VESSEL) for s in _vessels(form))),
        _nodes(form.own.child("nodes")),
    )


def across(points: Array, view: str) -> tuple[Array, Array]:
    """Return v and w of points (n, 3 or more) in a view."""
    c, s = TURN[view]
    return points[:, 1] * c + points[:, 2] * s, points[:, 2] * c - points[:, 1] * s


def _lobes(form: Form, size: float) -> Array:
    """Return lobes: the woman's own draw, nudged by the side; most lie in the upper outer quarter."""
    out = []
    for k in range(28):
        seed, own = form.seed.child("lobe", k), form.own.child("lobe", k)
        x = seed.child("x").uniform(0.12, 0.93)
        spread = (1 - x) * 0.84 + 0.08
        y = seed.child("y").normal(0.12, 0.42) * spread
        z = seed.child("z").normal(0.10, 0.38) * spread
        weight = seed.child("weight").normal(0.20, 0.36) * (1.5 if y > 0 and z > 0 else 1.0)
        out.append((
            x * form.depth_mm + own.child("x").normal(0, 3), y * form.width_mm + own.child("y").normal(0, 4),
            z * form.width_mm + own.child("z").normal(0, 4), seed.child("along").uniform(9, 26) * size,
            seed.child("across").uniform(5, 13) * size, weight + own.child("weight").normal(0, 0.08),
        ))  # fmt: skip
    return np.array([[round(x, 5) for x in row] for row in out], np.float64)


def _ducts(form: Form, older: float) -> list[Line]:
    out: list[Line] = []
    tip = np.array([form.depth_mm - 1.0, 0.0, 0.0])
    for k in range(15):
        seed = form.own.child("duct", k)
        angle = k * 2.4 + seed.child("angle").uniform(0, 0.9)
        open_ = seed.child("open").uniform(0.12, 0.75)
        length = form.depth_mm * seed.child("length").uniform(0.25, 0.6)
        aside = np.array([math.cos(angle), math.sin(angle)])
        end = tip + np.array([-1.0, *(np.round(aside, 9) * open_ + 0.1)]) * length
        start = tip + np.array([0.0, *(np.round(aside, 9) * 1.8)])
        radius = seed.child("radius").uniform(0.35, 0.85) * (1 - 0.35 * older)
        trunk = walk(seed.key(), start, end, 40, 0.5, np.array([radius, radius * 0.6]))
        out += branches(seed.key(), trunk, 2, wander=0.5, turn=0.5)
    return out


def _vessels(form: Form) -> list[Line]:
    """Return veins, which run near the skin, and arteries; both come over the film's edge."""
    out: list[Line] = []
    w, d = form.width_mm, form.depth_mm
    rows = (
        # name, number, radius mm (thinnest, widest), how near the nipple they end, wander
        ("vein", 5, 0.55, 1.25, 0.72, 0.55),
        ("artery", 3, 0.4, 0.65, 0.8, 0.8),
    )
    for name, count, thin, wide, near, wander in rows:
        for k in range(count):
            seed = form.own.child(name, k)
            draw = [seed.child(a).uniform() for a in ("y", "z", "r", "end", "turn")]
            y = (0.75 - 1.5 * (k + 0.7 * draw[0]) / count) * w
            z = (draw[1] - 0.4) * w
            start = np.array([-14.0, y * 1.1, z * 1.1])
            end = np.array([d * near * (0.65 + 0.35 * draw[3]), y * 0.3 + 12 * (draw[4] - 0.5), z * 0.35])
            radius = thin + (wide - thin) * draw[2] * draw[2]
            trunk = walk(seed.key(), start, end, 60, wander, np.array([radius, radius * 0.5]))
            out += branches(seed.key(), trunk, 2, wander=wander, turn=0.5, reach=0.33)
    return out


def _nodes(seed: Seed) -> Array:
    count = (0, 1, 1, 2, 2, 3)[seed.child("count").integer(6)]
    out = [
        (
            seed.child("down", k).uniform(0.02, 0.42), seed.child("across", k).uniform(0.55, 1.25),
            seed.child("long", k).uniform(4.0, 8.0), seed.child("short", k).uniform(0.45, 0.62),
            seed.child("turn", k).uniform(-1.0, 1.0),
        )
        for k in range(count)
    ]  # fmt: skip
    return np.round(np.array(out, np.float64).reshape(-1, 5), 5)


def ligaments(form: Form, view: str, skin: Floats, share: float) -> list[Line]:
    """Return Cooper's ligaments as this view sees them: from tents under the skin inwards, (points, 4): u, v, -, radius."""
    out: list[Line] = []
    inner = np.flatnonzero((skin[:, 0] > 16) & (np.abs(skin[:, 1]) < form.width_mm * 1.1))
    for k in range(round(34 * share)):
        seed = form.own.child("ligament", view, k)
        i = int(inner[seed.child("at").integer(len(inner) - 8) + 4])
        tangent = (skin[i + 2] - skin[i - 2]).astype(np.float64)
        tangent /= math.sqrt(float((tangent * tangent).sum())) + 1e-6
        inward = np.array([-tangent[1], tangent[0]])
        if abs(float(skin[i, 1])) < 16 and skin[i, 0] > 0.8 * form.depth_mm:
            continue
        lean = seed.child("lean").normal(0, 0.7)
        way = inward + tangent * lean
        length = seed.child("length").uniform(7, 20)
        radius = seed.child("radius").uniform(0.12, 0.32)
        start = np.array([*(skin[i].astype(np.float64) + inward * 1.2), 0.0])
        end = start + np.array([*way, 0.0]) * length
        line = walk(seed.key(), start, end, 22, 0.6, np.array([radius * 1.3, radius * 0.5]))
        line[:4, 3] += np.array([0.5, 0.3, 0.15, 0.06], np.float32)
        line[:, 2] = 0.0
        out.append(line)
    return out


def strands(lines: Sequence[tuple[Line, float]], view: str) -> Strands:
    """Return strands in the plane of a view."""
    c, s = TURN[view]
    parts = []
    for line, weight in lines:
        part = np.empty((len(line), 4), np.float32)
        part[:, 0] = line[:, 0]
        part[:, 1] = line[:, 1] * np.float32(c) + line[:, 2] * np.float32(s)
        part[:, 2], part[:, 3] = line[:, 3], weight
        parts.append(part)
    first = np.array([0, *np.cumsum([len(p) for p in parts])], np.int64)
    return Strands(np.concatenate(parts), first)
