"""The skull without jaw and teeth: bone, what is spongy in it, cavities, sutures, and how all of that grows.

Meshes are those of atlas/build_skull.py: the vault and the sinuses are the labels that a head CT shows. What is thinner
than a mesh can be (sutures, grooves of vessels, a hairline fracture) is a tube that takes bone away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.bone import F32, I32, meshes, weights
from fhir2dicom.anatomy.skull_frame import Frame
from fhir2dicom.anatomy.tissues import between
from fhir2dicom.model import Edit, Grown, Person, Surface, Tubes
from fhir2dicom.seed import Seed

FLESH = 1.05

VAULT = ((0.0, 0.0), (1.0, 0.14), (3.0, 0.4), (6.0, 0.62), (12.0, 0.85), (18.0, 1.0))
"""How thick the vault is by age, 0: as a newborn's, .35 of the adult's; 1: the adult's. Rounded by us after Delye et
al. (Int J Legal Med 129:1095, 2015: frontal bone 2 mm in the first months, 4 at three years, 6 mm grown up)."""
DIPLOE = ((2.0, 0.0), (7.0, 0.8), (16.0, 1.0))
"""Diploe shows by age: no layer of its own in the first years."""
PETROUS = 0.45
"""What the petrous bone absorbs more than compact bone, beside water."""

#             age at which air is there, age at which it is full (ours, after textbooks of paediatric radiology)
AIR = {"frontal": (6.0, 14.0), "cells": (1.0, 6.0)}

SUTURES = {"sagittal": 0.55, "coronal": 0.5, "lambdoid": 0.6, "squamous": 0.35}
"""Half width of the gap of a grown person, mm."""
_CLOSED = ((0.0, 1.9), (0.5, 1.4), (1.5, 0.85), (4.0, 0.6), (20.0, 0.5), (40.0, 0.38), (70.0, 0.18))
"""Half width of a suture by age, mm, of the widest (ours)."""
_CRACKS = 3
"""Ways of fractures in the atlas, each on either side."""
_THIN = -1.7
"""Weight of a line, of the cortex it takes away: tubes are not told what a soft beam makes of bone."""
_FONTANELLE_SHUT = 1.5
"""Age at which the large fontanelle is closed, years."""


@cache
def _stored(key: str) -> npt.NDArray[np.float32]:
    """Return an array of the atlas in mm."""
    with (files("fhir2dicom.anatomy") / "atlas" / "skull.npz").open("rb") as file, np.load(file) as data:
        return np.asarray(data[key], np.float32) / np.float32(32)


def skull(person: Person, frame: Frame) -> dict[str, Surface]:
    """Return bone, its spongy parts and the air in it."""
    cortex, marrow = weights(person, FLESH)
    age = person.age_years
    aged = between(((0.0, 1.0), (55.0, 1.0), (90.0, 0.86)), age)
    old = between(DIPLOE, age)
    rows = {
        "bone_skull": ("skull", cortex * aged, "fine", ""),
        "marrow_face": ("cancellous", marrow * 0.96, "coarse", "trabecular"),
        "bone_petrous": ("petrous", PETROUS, "coarse", ""),
        "air_nose": ("air", -FLESH, "fine", ""),
    }
    if old:
        rows["marrow_diploe"] = ("diploe", marrow * 0.86 * old * aged, "coarse", "trabecular")
    for name, (first, full) in AIR.items():
        share = min(max((age - first) / (full - first), 0.0), 1.0)
        rows[f"air_{name}"] = (name, -FLESH * share + (cortex + marrow) * (1 - share), "fine", "")
    return {name: _surface(person, frame, row) for name, row in rows.items()}


def _surface(person: Person, frame: Frame, row: tuple[str, float, str, str]) -> Surface:
    mesh, weight, detail, texture = row
    v, t = meshes("skull")[mesh]
    if mesh in {"skull", "diploe"}:
        young = _stored(f"{mesh}.y")
        v = (young + (v - young) * np.float32(between(VAULT, person.age_years))).astype(np.float32)
    return Surface(frame.place(v), t, weight, detail, texture)


def seams(person: Person, seed: Seed, frame: Frame, grown: Sequence[Grown]) -> dict[str, Tubes]:
    """Return what takes bone away in thin lines: sutures, the meningeal arteries' grooves, a hairline fracture."""
    cortex, _ = weights(person, FLESH)
    wide = between(_CLOSED, person.age_years) * seed.child("sutures").uniform(0.85, 1.15)
    out = {
        name: _tubes(frame, _line(name, person), max(wide * share / 0.5, 0.16), _THIN * cortex)
        for name, share in SUTURES.items()
    }
    out["meningeal"] = _tubes(
        frame,
        _line("meningeal", person),
        0.8,
        _THIN * 0.6 * between(((1.0, 0.2), (12.0, 1.0)), person.age_years) * cortex,
    )
    for k, edit in enumerate(
        g for g in grown if isinstance(g, Edit) and (g.kind, g.part) == ("fracture", "skull")
    ):
        out[f"fracture_{k}"] = _tubes(
            frame, _crack(edit, person), 0.35 + 0.5 * edit.amount, 1.3 * _THIN * cortex
        )
    return out


def _line(name: str, person: Person) -> F32:
    """Return a line on the vault as thick as the person's, atlas mm."""
    young = _stored(f"{name}.w")
    return np.asarray(
        young + (_stored(f"{name}.l") - young) * np.float32(between(VAULT, person.age_years)), np.float32
    )


def _tubes(frame: Frame, chain: F32, radius: float, weight: float) -> Tubes:
    ends = frame.place(np.concatenate([chain[:, 0], chain[:, 1]]))
    n = len(chain)
    r = np.full(n, radius, np.float32)
    return Tubes(ends[:n], ends[n:], r, r, weight)


def _crack(edit: Edit, person: Person) -> F32:
    """Return a crack over the vault of one side, longer the worse, on the outer table. Atlas mm."""
    way = Seed("crack").child(edit.key).integer(_CRACKS)
    side = "r" if edit.laterality == "R" else "l"
    chain = _line(f"crack_{way}_{side}", person)
    return chain[: max(6, int(len(chain) * (0.3 + 0.7 * edit.amount)))]


def fontanelle(person: Person, frame: Frame) -> dict[str, Surface]:
    """Return the large fontanelle of an infant: a lens of bone taken away at the bregma."""
    open_ = 1 - person.age_years / _FONTANELLE_SHUT
    if open_ <= 0:
        return {}
    cortex, _ = weights(person, FLESH)
    ball, t = _lens()
    size = np.array((15.0, 19.0, 2.2)) * (0.35 + 0.65 * open_)
    bregma = _line("sagittal", person)[0, 0]
    v = (ball * size + bregma - np.array((0.0, 0.0, 1.0))).astype(np.float32)
    return {"marrow_fontanelle": Surface(frame.place(v), t, -0.8 * cortex)}


@cache
def _lens() -> tuple[npt.NDArray[np.float64], I32]:
    """Return a diamond-shaped lens of radius 1."""
    rim = np.array(
        [(1, 0), (0.45, 0.45), (0, 1), (-0.45, 0.45), (-1, 0), (-0.45, -0.45), (0, -1), (0.45, -0.45)]
    )
    v = np.concatenate([np.c_[rim, np.zeros(8)], [(0, 0, 1.0), (0, 0, -1.0)]])
    t = [(k, (k + 1) % 8, 8) for k in range(8)] + [((k + 1) % 8, k, 9) for k in range(8)]
    return v, np.array(t, np.int32)


def shown(surfaces: Mapping[str, Surface]) -> tuple[F32, F32]:
    """Return the corners of the box of all vertices, mm."""
    points = np.concatenate([s.vertices for s in surfaces.values()])
    return points.min(axis=0), points.max(axis=0)
