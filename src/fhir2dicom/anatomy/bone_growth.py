"""How bones grow: ossification centres that appear and fill out, growth plates that stand open and close.

A row of `Plate` says where a bone's epiphysis begins and when it appears and joins; `Centre` says the same of a bone
that grows from one nucleus (carpals, tarsals, patella). Ages are pairs (boys, girls) in years; a person between takes
the boys' column. The ages themselves stand with the bones, with their sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.bone_cut import Relief, above, below
from fhir2dicom.anatomy.bone_mesh import F32, Bone
from fhir2dicom.model import Person, Vec3

F64 = npt.NDArray[np.float64]

Ages = tuple[float, float]
"""Boys, girls; years."""

SMALLEST = 0.22
"""A nucleus on the day it appears, in lengths of what it will be (ours)."""
ROUNDER = 1.7
"""How much rounder a nucleus is for each length that it lacks (ours)."""
SHEET_MM = 0.5
"""Thickness of the zone of provisional calcification in an adult-sized bone (ours)."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A growth plate: the plane where an epiphysis begins."""

    bone: str
    at: Vec3
    """A point of the plate, mm in the atlas' frame of the bone."""
    normal: Vec3
    """Towards the epiphysis."""
    appears: Ages
    """When the epiphysis' nucleus is first seen; 0: at birth."""
    fills: Ages
    """When it has the epiphysis' full width."""
    closes: Ages
    """When it has joined the shaft."""
    gap_mm: float = 2.2
    """How wide the plate stands open in an adult-sized bone."""
    wave_mm: float = 0.9
    """How far it leaves the plane."""
    round_mm: float = 0.0
    """How far the rim of the shaft's end is drawn in; 0: as much as half the gap."""


@dataclass(frozen=True, slots=True)
class Centre:
    """A bone that grows from one nucleus."""

    bone: str
    appears: Ages
    fills: Ages


def age_of(person: Person, ages: Ages) -> float:
    """Return the boys' or the girls' age of a pair."""
    return ages[1 if person.sex == "F" else 0]


def grown(person: Person, appears: Ages, fills: Ages) -> float:
    """Return the size of a nucleus in lengths of the full one: 0 before it appears, 1 when it has filled out."""
    first, last = age_of(person, appears), age_of(person, fills)
    if person.age_years < first:
        return 0.0
    if person.age_years >= last:
        return 1.0
    return SMALLEST + (1 - SMALLEST) * float(((person.age_years - first) / (last - first)) ** 0.5)


def centres(bones: Sequence[Bone], person: Person, rows: Sequence[Centre]) -> list[Bone]:
    """Return bones with those that grow from one nucleus as large as they are at this age; unseen ones are left out."""
    table = {row.bone: row for row in rows}
    found = []
    for bone in bones:
        row = table.get(bone.name)
        size = grown(person, row.appears, row.fills) if row else 1.0
        if size > 0:
            found.append(nucleus(bone, size))
    return found


def nucleus(bone: Bone, size: float, towards: F64 | None = None, normal: F64 | None = None) -> Bone:
    """Return a bone shrunk to ``size`` about its middle (or ``towards``, (3,)), the rounder the smaller.

    What is small is an ellipsoid with an axis along ``normal`` (3,), as ossification begins. Its cortex keeps the
    share of the bone that it has.
    """
    if size >= 1:
        return bone
    middle = bone.vertices.astype(np.float64).mean(axis=0)
    arm = bone.vertices - middle
    frame = _frame(normal)
    along = np.stack([(arm[:, 0] * a[0] + arm[:, 1] * a[1]) + arm[:, 2] * a[2] for a in frame], 1)
    spread = np.maximum(np.sqrt((along * along).mean(axis=0)), 0.3)
    way = along / spread
    reach = np.sqrt((way * way).sum(axis=1, keepdims=True))
    oval = way / np.maximum(reach, 1e-6) * (spread * 1.62)
    round_off = min(1.0, ROUNDER * (1 - size))
    mixed = along + (oval - along) * round_off
    outer = (mixed[:, :1] * frame[0] + mixed[:, 1:2] * frame[1]) + mixed[:, 2:] * frame[2]
    depth = np.float32(1 - round_off * 0.5)
    base = middle if towards is None else middle + (towards - middle) * 0.5 * (1 - size)

    def shrunk(points: F32) -> F32:
        return np.asarray(base + (outer + (points - bone.vertices) * depth) * size, np.float32)

    return bone.each(shrunk)


def _frame(normal: F64 | None) -> tuple[F64, F64, F64]:
    """Return three axes square to each other, the first along ``normal``."""
    if normal is None:
        return np.array((1.0, 0.0, 0.0)), np.array((0.0, 1.0, 0.0)), np.array((0.0, 0.0, 1.0))
    a = normal / np.sqrt((normal * normal).sum())
    b = np.array((1.0, 0.0, 0.0) if abs(a[0]) < 0.8 else (0.0, 1.0, 0.0))
    b = b - a * (a * b).sum()
    b /= np.sqrt((b * b).sum())
    c = np.array((a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]))
    return a, b, c


def plates(bone: Bone, person: Person, rows: Sequence[Plate], key: int = 0) -> list[Bone]:
    """Return the bone at a person's age: its shaft and, apart from it, the epiphyses that are seen and not yet joined.

    The first part is the shaft. ``gap_mm`` of a row is taken off either side of the plate in equal parts; a plate
    about to close is narrower. The faces bear a thin sheet of compact bone, the zone of provisional calcification; they
    wave, and their corners are round.
    """
    shaft, found = bone, []
    for number, row in enumerate(r for r in rows if r.bone == bone.name):
        closes = age_of(person, row.closes)
        if person.age_years >= closes:
            continue
        n = np.array(row.normal, np.float64)
        n /= np.sqrt((n * n).sum())
        at = np.array(row.at, np.float64)
        size = grown(person, row.appears, row.fills)
        gap = row.gap_mm * (0.35 + 0.65 * min(1.0, (closes - person.age_years) / 2.5))
        noise, cell = key + 16 * number, max(4.0, 10.0 * row.wave_mm)
        wave = Relief(
            0.12 * row.wave_mm if row.wave_mm > 1 else 0.0,
            row.wave_mm,
            cell,
            SHEET_MM,
            row.round_mm or 0.55 * row.gap_mm,
        )
        if size > 0:
            face = replace(wave, plate_mm=0.7 * SHEET_MM, bevel_mm=0.75 * row.gap_mm)
            head = above(shaft, _vec(at + n * gap / 2), row.normal, face, noise)
            if len(head.triangles):
                found.append(nucleus(replace(head, name=f"{bone.name} epiphysis {number + 1}"), size, at, n))
        shaft = below(shaft, _vec(at - n * gap / 2), row.normal, wave, noise)
    return [shaft, *found]


def _vec(point: npt.NDArray[np.float64]) -> Vec3:
    return float(point[0]), float(point[1]), float(point[2])
