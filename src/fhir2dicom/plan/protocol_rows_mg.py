"""Mammograms, one row each: two views of either side, in the order in which they are taken.

Matrix: the larger paddle's (24 by 30 cm at 0.07 mm); a film of the smaller one is 3328 by 2560. Voltage, filter and
exposure follow the thickness, so the machine (`physics`) sets them.
"""

from __future__ import annotations

from fhir2dicom.model import Laterality, Protocol
from fhir2dicom.plan.protocol_row import Row

_CC = (
    "cc",
    "craniocaudal",
    "cranio-caudal",
    "cranio caudal",
    "kraniokaudal",
    "crânio-caudal",
    "cráneo-caudal",
)
_MLO = (
    "mlo",
    "mediolateral oblique",
    "medio-lateral oblique",
    "oblique",
    "schräg",
    "oblik",
    "oblicua",
    "oblíqua",
    "obliqua",
)
_ML = ("ml", "lm", "mediolateral", "medio-lateral", "lateromedial", "lateral", "90 degree")
_R, _L = ("r", "right", "rt", "re", "d"), ("l", "left", "lt", "li", "e")


def _words(view: str, sides: tuple[str, ...]) -> tuple[str, ...]:
    """Return how a title names one view of one side: RCC, R CC, CC R, right CC or R-CC."""
    short = view.lower()
    return tuple(
        w
        for s in sides
        for w in (f"{s}{short}", f"{s} {short}", f"{s}-{short}", f"{short} {s}", f"{short}-{s}")
    )


def _row(view: str, laterality: Laterality, words: tuple[str, ...], *, routine: bool = True) -> Row:
    name = f"{laterality} {view}".strip()
    protocol = Protocol(
        name=f"MG {name}",
        modality="MG",
        region="breast",
        rows=4096,
        columns=3328,
        description=name,
        view=view,
    )
    return Row(protocol, words=words, routine=routine, laterality=laterality)


ROWS: tuple[Row, ...] = (
    # view, side, what a title calls it
    _row("CC", "R", _words("CC", _R)),
    _row("CC", "L", _words("CC", _L)),
    _row("MLO", "R", _words("MLO", _R)),
    _row("MLO", "L", _words("MLO", _L)),
    _row("ML", "R", _words("ML", _R), routine=False),
    _row("ML", "L", _words("ML", _L), routine=False),
    # where only the view is said, the side comes from elsewhere
    _row("CC", "", _CC, routine=False),
    _row("MLO", "", _MLO, routine=False),
    _row("ML", "", _ML, routine=False),
)
