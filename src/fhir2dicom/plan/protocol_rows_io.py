"""Dental films, one row each: bitewings, periapicals, and the panoramic film of the jaws.

One film is a bitewing of the right molars, two are those of both sides, four bitewings have the premolars too; eighteen are
the full-mouth series of four bitewings and fourteen periapicals. 65 kV, 7 mA and .1 to .25 s at 300 mm are common practice
with a digital sensor, rounded by us.
"""

from __future__ import annotations

from dataclasses import replace

from fhir2dicom.model import Laterality, Protocol
from fhir2dicom.plan.protocol_row import Row

_SHORT, _LONG = 1080, 1500
"""Of the largest receptor, pixels of .024 mm; a smaller one is taken for small mouths."""


def _film(name: str, view: str, side: Laterality, tooth: int, seconds: float, *words: str) -> Row:
    upright = view != "BITEWING" and tooth % 10 <= 3
    rows, columns = (_LONG, _SHORT) if upright else (_SHORT, _LONG)
    settings = {"tooth": float(tooth), "kvp": 65.0, "ma": 7.0, "seconds": seconds, "sid_mm": 300.0}
    protocol = Protocol(name, "IO", "mouth", rows, columns, 1, name, view=view, settings=settings)
    return Row(protocol, words=words, routine=False, further=True, laterality=side)


ROWS: tuple[Row, ...] = (
    # name, view, side, tooth (ISO 3950) it is centred on, seconds | words
    replace(
        _film("Bitewing right molar", "BITEWING", "R", 46, 0.16, "bitewing right"),
        routine=True,
        further=False,
    ),
    _film("Bitewing left molar", "BITEWING", "L", 36, 0.16, "bitewing left"),
    _film("Bitewing right premolar", "BITEWING", "R", 45, 0.16, "premolar bitewing right"),
    _film("Bitewing left premolar", "BITEWING", "L", 35, 0.16, "premolar bitewing left"),
    _film("Periapical upper right molar", "PERIAPICAL", "R", 17, 0.25, "upper right molar"),
    _film("Periapical upper right premolar", "PERIAPICAL", "R", 15, 0.2, "upper right premolar"),
    _film("Periapical upper right canine", "PERIAPICAL", "R", 13, 0.16, "upper right canine"),
    _film("Periapical upper incisors", "PERIAPICAL", "", 11, 0.125, "upper incisors", "upper anterior"),
    _film("Periapical upper left canine", "PERIAPICAL", "L", 23, 0.16, "upper left canine"),
    _film("Periapical upper left premolar", "PERIAPICAL", "L", 25, 0.2, "upper left premolar"),
    _film("Periapical upper left molar", "PERIAPICAL", "L", 27, 0.25, "upper left molar"),
    _film("Periapical lower left molar", "PERIAPICAL", "L", 37, 0.16, "lower left molar"),
    _film("Periapical lower left premolar", "PERIAPICAL", "L", 35, 0.16, "lower left premolar"),
    _film("Periapical lower left canine", "PERIAPICAL", "L", 33, 0.125, "lower left canine"),
    _film("Periapical lower incisors", "PERIAPICAL", "", 41, 0.1, "lower incisors", "lower anterior"),
    _film("Periapical lower right canine", "PERIAPICAL", "R", 43, 0.125, "lower right canine"),
    _film("Periapical lower right premolar", "PERIAPICAL", "R", 45, 0.16, "lower right premolar"),
    _film("Periapical lower right molar", "PERIAPICAL", "R", 47, 0.16, "periapical", "lower right molar"),
)

PANORAMIC: tuple[Row, ...] = (
    Row(
        Protocol(
            "Panoramic", "PX", "mandible", 1440, 2896, 1, "Panoramic",
            view="PANORAMIC", settings={"kvp": 70.0, "ma": 10.0, "seconds": 14.0},
        ),
        words=("panoramic", "panorex", "opg", "orthopantomogram"),
    ),
)  # fmt: skip
"""290 by 144 mm at .1 mm: a usual digital machine's."""
