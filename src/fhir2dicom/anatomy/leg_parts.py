"""The parts of a right leg and how they hang together: names, which joint moves what, where the atlas has them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np

from fhir2dicom.anatomy.bone import F32
from fhir2dicom.model import Vec3

SHANK = ("tibia", "fibula")
TARSALS = ("talus", "calcaneus", "navicular", "cuboid", "cuneiform1", "cuneiform2", "cuneiform3")
RAYS = ("1", "2", "3", "4", "5")
METATARSALS = tuple(f"mt{k}" for k in RAYS)
TOES = (*(f"pp{k}" for k in RAYS), *(f"mp{k}" for k in RAYS[1:]), *(f"dp{k}" for k in RAYS))
FOOT = (*TARSALS, *METATARSALS, *TOES, "sesamoid1", "sesamoid2")
LEG = ("femur", "patella", *SHANK, *FOOT)
PELVIS = ("hip", "sacrum")
SHAPED = (*PELVIS, "femur", "patella", *SHANK)
"""Bones with modes of shape."""

_MODE_UNITS = 16


def follows(name: str) -> Mapping[str, F32 | float]:
    """Return how much of each joint's turn a bone or a landmark makes."""
    part = name.split(" ", maxsplit=1)[0]
    hip = part not in PELVIS and part not in {"hip", "s1", "s1_up", "crest", "ischium"}
    knee = (
        part in SHANK
        or part in FOOT
        or part in {"ankle", "heel", "forward", "tibia_top"}
        or part[:2] in {"mt", "ip", "ti"}
    )
    ankle = part in FOOT or part == "heel" or part[:3] in {"mtp", "tip"} or part[:2] == "ip"
    mtp = part in TOES or part[:3] == "tip" or part[:2] == "ip"
    patella = 0.62 if part == "patella" else 0.0
    return {
        "hip": float(hip),
        "knee": 1.0 if knee else patella,
        "ankle": float(ankle),
        "mtp": float(mtp),
    }


@cache
def landmarks() -> Mapping[str, Vec3]:
    """Return points of the atlas, mm.

    hip, knee, ankle, mtp1 … tip5, heel; s1 (middle of the end-plate), s1_up 100 mm along its normal, crest, ischium;
    ``forward`` is the foot's axis, 100 mm long.
    """
    with (files("fhir2dicom.anatomy") / "atlas" / "leg.npz").open("rb") as file, np.load(file) as data:
        return {n[3:]: vec(data[n].astype(np.float64) / 32) for n in data.files if n.startswith("at.")}


@cache
def modes(name: str) -> F32:
    """Return one standard deviation of each mode of a bone's shape, (modes, n, 3) mm."""
    with (files("fhir2dicom.anatomy") / "atlas" / "leg.npz").open("rb") as file, np.load(file) as data:
        return np.asarray(data[f"{name}.m"], np.float32) / np.float32(_MODE_UNITS)


def vec(p: np.typing.NDArray[np.float64]) -> Vec3:
    """Return a point as a tuple."""
    return float(p[0]), float(p[1]), float(p[2])
