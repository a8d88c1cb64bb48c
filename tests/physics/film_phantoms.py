"""Bodies made of a few solids, to know what a film of them must show."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fhir2dicom.anatomy.region import Plain
from fhir2dicom.model import Person, Protocol, Scene, Shot, Surface

PERSON = Person("phantom", "F", 40.0, 1.65, 60.0)


@dataclass(frozen=True)
class Phantom(Plain):
    made: Scene
    person: Person = PERSON

    def scene(self, pose, laterality=""):
        return self.made


def cylinder(radius, low, high, at=(0.0, 0.0), around=720):
    """A closed cylinder about the body's long axis whose flat sides touch the circle."""
    out = radius / math.cos(math.pi / around)
    ring = np.array(
        [
            (
                at[0] + out * math.cos(2 * math.pi * k / around),
                at[1] + out * math.sin(2 * math.pi * k / around),
            )
            for k in range(around)
        ]
    )
    v = np.concatenate(
        [
            np.c_[ring, np.full(around, low)],
            np.c_[ring, np.full(around, high)],
            [(*at, low), (*at, high)],
        ]
    )
    t = []
    for k in range(around):
        n = (k + 1) % around
        t += [(k, n, around + n), (k, around + n, around + k), (2 * around, n, k)]
        t.append((2 * around + 1, around + k, around + n))
    return v.astype(np.float32), np.array(t, np.int32)


def box(low, high):
    """A closed box."""
    v = np.array([(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    quads = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    t = [c for a, b, d, e in quads for c in ((a, b, d), (a, d, e))]
    return v.astype(np.float32), np.array(t, np.int32)


def bead(x, y, z, size=2.0):
    return box((x - size, y - size, z - size), (x + size, y + size, z + size))


def limb(*more, aim=(0.0, 0.0, 0.0), size=(80.0, 120.0), bone=1.6):
    """A forearm-like phantom: flesh, a tube of bone, and beads."""
    surfaces = {
        "skin": Surface(*cylinder(32.0, -90.0, 90.0, around=180), 0.93, "coarse"),
        "lean": Surface(*cylinder(27.0, -90.0, 90.0, around=180), 0.12, "coarse"),
        "bone": Surface(*cylinder(9.0, -80.0, 80.0, around=180), bone),
        "marrow": Surface(*cylinder(6.0, -78.0, 78.0, around=180), -1.4, "coarse", "trabecular"),
    }
    return Phantom(Scene({**surfaces, **dict(more)}, {}, aim, size))


def shot(view="AP", laterality="", size=1024, region="forearm", **settings):
    settings = {"kvp": 57.0, "mas": 2.0, "pixel_mm": 0.2, **settings}
    return Shot(Protocol("part", "DX", region, size, size, view=view, settings=settings), laterality, 1, ())
