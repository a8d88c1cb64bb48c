"""How the bones of an arm grow: which nuclei and growth plates are seen at what age.

Ages are pairs (boys, girls) in years. Appearance and union: Greulich & Pyle, Radiographic Atlas of Skeletal Development
of the Hand and Wrist (1959) and Scheuer & Black, Developmental Juvenile Osteology (2000), rounded. Carpus, radius and ulna
at the wrist lie in the ranges that public lists give; the other rows are not checked. When a nucleus has its full width is ours.
The elbow's order is capitellum, radial head, inner epicondyle, trochlea, olecranon, outer epicondyle ("CRITOE"); humeral
distal pieces are cut from the one bone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fhir2dicom.anatomy.arm_parts import FINGERS
from fhir2dicom.anatomy.bone import Bone, Centre, Plate, age_of, centres, grown, nucleus, plates
from fhir2dicom.anatomy.bone_cut import Relief, above, below
from fhir2dicom.anatomy.bone_growth import Ages
from fhir2dicom.model import Person, Vec3

CENTRES = (
    Centre("capitate", (0.25, 0.2), (11.0, 9.5)),
    Centre("hamate", (0.33, 0.25), (11.5, 10.0)),
    Centre("triquetrum", (2.4, 1.8), (12.0, 10.5)),
    Centre("lunate", (3.5, 2.8), (12.0, 10.5)),
    Centre("trapezium", (5.6, 4.1), (12.5, 11.0)),
    Centre("trapezoid", (5.7, 4.2), (12.5, 11.0)),
    Centre("scaphoid", (5.6, 4.4), (12.5, 11.0)),
    Centre("pisiform", (11.0, 9.0), (14.0, 12.0)),
    Centre("sesamoid1", (12.8, 10.8), (15.0, 13.5)),
    Centre("sesamoid2", (12.8, 10.8), (15.0, 13.5)),
    Centre("sesamoid3", (15.0, 13.5), (17.0, 15.5)),
)


@dataclass(frozen=True, slots=True)
class _End:
    """An epiphysis at one end of a bone whose axis runs between two joints."""

    bone: str
    near: str
    far: str
    """Joints: the axis looks from ``near`` to ``far``, where the epiphysis is."""
    depth_mm: float
    """Height of the epiphysis."""
    appears: Ages
    fills: Ages
    closes: Ages


_ENDS = (
    _End("humerus", "elbow", "shoulder", 36.0, (0.1, 0.1), (6.0, 5.5), (18.0, 16.0)),
    _End("radius", "radial", "wrist", 9.5, (1.0, 0.85), (9.0, 8.0), (17.5, 16.3)),
    _End("radius", "wrist", "radial", 7.0, (5.2, 4.4), (10.5, 9.5), (15.5, 13.5)),
    _End("ulna", "elbow", "wrist", 7.0, (6.8, 5.8), (11.5, 10.5), (17.3, 16.0)),
    _End("ulna", "wrist", "elbow", 8.0, (9.8, 8.2), (12.5, 11.0), (15.0, 13.5)),
    _End("mc1", "mcp1", "cmc1", 6.5, (2.6, 1.6), (10.0, 8.5), (16.3, 14.7)),
    _End("pp1", "pp1-dp1", "mcp1", 4.5, (2.4, 1.7), (9.5, 8.0), (16.3, 14.7)),
    _End("dp1", "tip1", "pp1-dp1", 3.6, (1.5, 1.0), (9.0, 7.5), (15.6, 13.6)),
    *(_End(f"mc{k}", "wrist", f"mcp{k}", 9.5, (1.7, 1.1), (9.0, 7.5), (16.4, 15.0)) for k in FINGERS[1:]),
    *(
        _End(f"pp{k}", f"pp{k}-mp{k}", f"mcp{k}", 4.6, (1.4, 0.9), (9.5, 8.0), (16.4, 14.8))
        for k in FINGERS[1:]
    ),
    *(
        _End(f"mp{k}", f"mp{k}-dp{k}", f"pp{k}-mp{k}", 3.7, (2.0, 1.3), (10.0, 8.5), (16.2, 14.6))
        for k in FINGERS[1:]
    ),
    *(
        _End(f"dp{k}", f"tip{k}", f"mp{k}-dp{k}", 3.0, (2.4, 1.6), (10.0, 8.5), (15.7, 13.7))
        for k in FINGERS[1:]
    ),
)


def parts(whole: Bone, person: Person, at: Mapping[str, Vec3], key: int) -> list[Bone]:
    """Return a bone of the atlas as it is seen at a person's age: whole, in parts, or not at all."""
    if whole.name == "humerus" and person.age_years < age_of(person, _ELBOW[0].closes) + 2:
        shaft, *distal = _elbow(whole, person, at, key)
        return [*plates(shaft, person, _rows(shaft, at), key), *distal]
    if any(row.bone == whole.name for row in CENTRES):
        return centres([whole], person, CENTRES)
    return plates(whole, person, _rows(whole, at), key + sum(map(ord, whole.name)))


def _rows(whole: Bone, at: Mapping[str, Vec3]) -> list[Plate]:
    """Return the growth plates of a bone: as deep as the table says from its end."""
    found = []
    for end in _ENDS:
        if end.bone == whole.name:
            near, far = np.array(at[end.near]), np.array(at[end.far])
            axis = far - near
            axis /= np.sqrt((axis * axis).sum())
            reach = _along(whole, axis)
            top = reach.max()
            tip = whole.vertices[reach > top - end.depth_mm].astype(np.float64).mean(0)
            point = tip + axis * (top - end.depth_mm - (tip * axis).sum())
            wave = 0.107 * end.depth_mm if end.depth_mm < 20 else 2.6  # the humerus' plate is a tent
            found.append(
                Plate(
                    end.bone,
                    _vec(point),
                    _vec(axis),
                    end.appears,
                    end.fills,
                    end.closes,
                    0.8 + 0.13 * end.depth_mm,
                    wave,
                )
            )
    return found


def _along(b: Bone, axis: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.float64]:
    v = b.vertices.astype(np.float64)
    return np.asarray((v[:, 0] * axis[0] + v[:, 1] * axis[1]) + v[:, 2] * axis[2])


def _vec(p: np.typing.NDArray[np.float64]) -> Vec3:
    return float(p[0]), float(p[1]), float(p[2])


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the lower end of the humerus: beyond a plane; offsets from the elbow's middle, mm, normal outward."""

    name: str
    at: Vec3
    normal: Vec3
    appears: Ages
    fills: Ages
    closes: Ages


_ELBOW = (
    # the axis of the elbow runs along x; the inner side of a right arm is +x
    _Piece("medial", (21.0, 6.0, 10.0), (0.9, 0.15, -0.1), (6.2, 4.6), (12.0, 10.5), (16.3, 14.5)),
    _Piece("lateral", (-24.0, 0.0, 8.0), (-0.95, 0.0, -0.1), (12.0, 10.8), (13.5, 12.0), (15.0, 13.5)),
    _Piece("distal", (0.0, -3.0, 1.5), (0.0, -0.35, -1.0), (0.0, 0.0), (0.1, 0.1), (15.0, 13.5)),
)
_SHAFT_FACE = Relief(0.2, 1.4, 12.0, 0.4, 1.6)
_HEAD_FACE = Relief(0.2, 1.4, 12.0, 0.3, 2.2)
_CONDYLE_FACE = Relief(0.2, 0.5, 8.0, 0.3, 2.2)
"""What the faces of the elbow's growth plates are like (ours)."""
_TROCHLEA: Ages = (8.8, 7.8)
_CAPITELLUM: Ages = (0.75, 0.55)


def _elbow(whole: Bone, person: Person, at: Mapping[str, Vec3], key: int) -> list[Bone]:
    """Return the humerus without its lower growing parts, and those of them that are seen."""
    middle = np.array(at["elbow"])
    shaft, found = whole, []
    for number, piece in enumerate(_ELBOW):
        closes = age_of(person, piece.closes)
        if person.age_years >= closes:
            continue
        normal = np.array(piece.normal)
        normal /= np.sqrt((normal * normal).sum())
        here = middle + piece.at
        gap = 2.4 * min(1.0, 0.4 + (closes - person.age_years) / 5)
        outside = above(shaft, _vec(here + normal * gap / 2), piece.normal, _HEAD_FACE, key + number)
        shaft = below(shaft, _vec(here - normal * gap / 2), piece.normal, _SHAFT_FACE, key + number)
        if piece.name == "distal":
            found += _condyles(outside, person, middle, key)
        else:
            size = grown(person, piece.appears, piece.fills)
            if size > 0 and len(outside.triangles):
                found.append(nucleus(replace(outside, name=f"humerus {piece.name}"), size))
    return [shaft, *found]


def _condyles(distal: Bone, person: Person, middle: np.typing.NDArray[np.float64], key: int) -> list[Bone]:
    """Return capitellum and trochlea, which join before they join the shaft."""
    between, inwards = _vec(middle + np.array((-9.0, 0.0, 0.0))), (1.0, 0.0, 0.0)
    lateral, medial = (half(distal, between, inwards, _CONDYLE_FACE, key + 9) for half in (below, above))
    out = []
    for part, appears, fills, name in (
        (lateral, _CAPITELLUM, (9.0, 8.0), "capitellum"),
        (medial, _TROCHLEA, (13.0, 11.5), "trochlea"),
    ):
        size = grown(person, appears, fills)
        if size > 0 and len(part.triangles):
            out.append(nucleus(replace(part, name=f"humerus {name}"), size))
    return out
