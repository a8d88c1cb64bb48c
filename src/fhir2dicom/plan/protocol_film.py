"""How a row of a film is written, and the words that ask for a view."""

from __future__ import annotations

from dataclasses import replace

from fhir2dicom.model import Protocol
from fhir2dicom.plan.protocol_row import Row

FRONTAL = (
    "ap", "a.p.", "a-p", "anteroposterior", "antero-posterior", "pa", "p.a.", "posteroanterior", "frontal", "dp", "d.p.",
    "dorsopalmar", "dorsoplantar", "dorsovolar", "de face", "de frente", "anteroposteriore", "正面",
)  # fmt: skip
LATERAL = (
    "lateral", "seitlich", "seitl", "ll", "lat", "profil", "profile", "latero", "laterale", "mediolateral", "lateromedial",
    "側面",
)  # fmt: skip
OBLIQUE = ("oblique", "obl", "schräg", "oblicua", "obliqua", "obliquo", "oblíqua", "斜位")


def film(
    name: str,
    region: str,
    view: str,
    pose: str,
    tube: tuple[float, float],
    field_cm: tuple[float, float],
    words: tuple[str, ...] = (),
    **settings: float,
) -> Row:
    """Return a row of a film.

    ``tube`` is voltage (kV) and exposure (mAs, through a standard adult); ``field_cm`` (width, height) the detector as
    the film is hung, the most that a film of the row can show. Settings: ``sid_mm`` (1150), ``pixel_mm`` (.148),
    ``grid``, the ratio (0: none), the camera's ``turn_deg``, ``tilt_deg``, ``roll_deg``, and ``from_tube`` (1: hung as
    the tube saw it, as limbs are).
    """
    kvp, mas = tube
    usual = {"kvp": float(kvp), "mas": float(mas), "sid_mm": 1150.0, "grid": 0.0, "pixel_mm": 0.148}
    of = usual | {key: float(value) for key, value in settings.items()}
    columns, rows = (2 * round(5 * side / of["pixel_mm"]) for side in field_cm)
    return Row(
        Protocol(name, "DX", region, rows, columns, 1, name, view=view, pose=pose, settings=of), words=words
    )


def further(row: Row) -> Row:
    """Return a row that is made when FHIR counts more films than the routine has, or names it."""
    return replace(row, routine=False, further=True)


def named(row: Row) -> Row:
    """Return a row that is made only when FHIR names it."""
    return replace(row, routine=False)
