"""Teeth as rows: how large each kind is, and when it forms, erupts, closes its root and falls out.

Lengths: the averages of Wheeler's Dental Anatomy (Ash & Nelson, 8th ed. 2003: table 1-1 for permanent teeth, after
G. V. Black 1902; the primary teeth's table for the others). Both incisors of the upper jaw were compared with a
published copy of the table (8.5 mm wide, 10.5 + 13 mm long; 6.5, 9 + 13); the other rows are from memory and agree with it
as far as excerpts went. Ages: permanent teeth as Logan & Kronfeld (J Am Dent Assoc 20, 1933) and the American Dental
Association give them; emergence checked against Baudi 1981 and, for primary teeth, against Lunt & Law (J Am Dent Assoc
89:872, 1974), as both are reprinted in textbooks of paediatrics. Crown completion and shedding are rounded by us.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of tooth, the same on both sides: lengths in mm, ages in years."""

    crown_mm: float
    root_mm: float
    width_mm: float
    """Mesiodistal diameter of the crown."""
    neck_width_mm: float
    depth_mm: float
    """Bucco- or labiolingual diameter of the crown."""
    neck_depth_mm: float
    curve_mesial_mm: float
    """How far the enamel's edge rises towards the cusps on the mesial side."""
    curve_distal_mm: float
    crown_done: float
    emerges: float
    root_done: float
    shed: float = 200.0
    """Of a primary tooth."""


KINDS: Mapping[str, Kind] = {
    # upper (U) and lower (L) permanent teeth, 1 … 8 from the midline
    #          crown  root  width  neck  depth  neck  curve m  d     crown  emerges root
    "U1": Kind(10.5, 13.0, 8.5, 7.0, 7.0, 6.0, 3.5, 2.5, 4.5, 7.3, 10.0),
    "U2": Kind(9.0, 13.0, 6.5, 5.0, 6.0, 5.0, 3.0, 2.0, 4.7, 8.3, 11.0),
    "U3": Kind(10.0, 17.0, 7.5, 5.5, 8.0, 7.0, 2.5, 1.5, 6.5, 11.3, 14.0),
    "U4": Kind(8.5, 14.0, 7.0, 5.0, 9.0, 8.0, 1.0, 0.0, 5.5, 10.2, 12.8),
    "U5": Kind(8.5, 14.0, 7.0, 5.0, 9.0, 8.0, 1.0, 0.0, 6.5, 11.0, 13.3),
    "U6": Kind(7.5, 13.0, 10.0, 8.0, 11.0, 10.0, 1.0, 0.0, 2.8, 6.2, 9.5),
    "U7": Kind(7.0, 12.0, 9.0, 7.0, 11.0, 10.0, 1.0, 0.0, 7.5, 12.4, 15.0),
    "U8": Kind(6.5, 11.0, 8.5, 6.5, 10.0, 9.5, 1.0, 0.0, 14.0, 20.5, 22.5),
    "L1": Kind(9.0, 12.5, 5.0, 3.5, 6.0, 5.3, 3.0, 2.0, 4.3, 6.3, 9.0),
    "L2": Kind(9.5, 14.0, 5.5, 4.0, 6.5, 5.8, 3.0, 2.0, 4.5, 7.4, 10.0),
    "L3": Kind(11.0, 16.0, 7.0, 5.5, 7.5, 7.0, 2.5, 1.0, 6.5, 10.0, 13.0),
    "L4": Kind(8.5, 14.0, 7.0, 5.0, 7.5, 6.5, 1.0, 0.0, 5.5, 10.4, 12.7),
    "L5": Kind(8.0, 14.5, 7.0, 5.0, 8.0, 7.0, 1.0, 0.0, 6.5, 11.1, 13.5),
    "L6": Kind(7.5, 14.0, 11.0, 9.0, 10.5, 9.0, 1.0, 0.0, 2.8, 6.1, 9.5),
    "L7": Kind(7.0, 13.0, 10.5, 8.0, 10.0, 9.0, 1.0, 0.0, 7.5, 11.9, 14.7),
    "L8": Kind(7.0, 11.0, 10.0, 7.5, 9.5, 9.0, 1.0, 0.0, 14.0, 20.3, 22.5),
    # primary teeth, 1 … 5, in small letters
    #          crown  root  width  neck  depth  neck  curve m  d     crown  emerges root  shed
    "u1": Kind(6.0, 10.0, 6.5, 4.5, 5.0, 4.0, 2.0, 1.5, 0.1, 0.83, 1.5, 7.0),
    "u2": Kind(5.6, 11.4, 5.1, 3.7, 4.8, 3.7, 2.0, 1.5, 0.2, 0.92, 2.0, 8.0),
    "u3": Kind(6.5, 13.5, 7.0, 5.1, 7.0, 5.5, 1.5, 1.0, 0.75, 1.58, 3.2, 11.0),
    "u4": Kind(5.1, 10.0, 7.3, 5.2, 8.5, 6.9, 0.5, 0.0, 0.5, 1.33, 2.5, 10.2),
    "u5": Kind(5.7, 11.7, 8.2, 6.4, 10.0, 8.3, 0.5, 0.0, 0.9, 2.42, 3.0, 11.0),
    "l1": Kind(5.0, 9.0, 4.2, 3.0, 4.0, 3.5, 2.0, 1.5, 0.2, 0.67, 1.5, 6.2),
    "l2": Kind(5.2, 10.0, 4.1, 3.0, 4.0, 3.5, 2.0, 1.5, 0.25, 1.08, 1.5, 7.2),
    "l3": Kind(6.0, 11.5, 5.0, 3.7, 4.8, 4.0, 1.5, 1.0, 0.75, 1.67, 3.2, 9.8),
    "l4": Kind(6.0, 9.8, 7.7, 6.5, 7.0, 5.3, 0.5, 0.0, 0.5, 1.33, 2.3, 10.3),
    "l5": Kind(5.5, 11.3, 9.9, 7.2, 8.7, 6.4, 0.5, 0.0, 0.85, 2.25, 3.0, 11.1),
}
"""By name: U/L and u/l, then the number from the midline."""


def is_primary(kind: str) -> bool:
    """Say whether a kind is a milk tooth."""
    return kind.islower()


def is_upper(kind: str) -> bool:
    """Say whether a kind stands in the upper jaw."""
    return kind[0] in "Uu"


def number(fdi: int) -> str:
    """Return the kind of a tooth by its ISO 3950 (FDI) designation: 46 → L6, 55 → u5."""
    quadrant, place = divmod(fdi, 10)
    letter = "U" if quadrant in (1, 2, 5, 6) else "L"
    return f"{letter if quadrant < 5 else letter.lower()}{place}"


def designation(kind: str, *, right: bool) -> int:
    """Return the ISO 3950 (FDI) designation: L6 of the right side → 46."""
    quadrant = (1 if right else 2) if is_upper(kind) else (4 if right else 3)
    return (quadrant + (4 if is_primary(kind) else 0)) * 10 + int(kind[1])
