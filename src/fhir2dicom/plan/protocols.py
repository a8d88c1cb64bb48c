"""All protocols, and which of them a scan is made by; the choice between views of films is `views`.

The rows themselves are in `protocol_rows_ct`, `_films` (trunk and head), `_limbs`, `_io` (teeth, jaws) and `_mg` (breasts).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fhir2dicom.model import Code, Protocol, SeriesOrder, StudyOrder
from fhir2dicom.plan.protocol_row import Row, words_of
from fhir2dicom.plan.protocol_rows_ct import ROWS as CT
from fhir2dicom.plan.protocol_rows_films import ROWS as FILMS
from fhir2dicom.plan.protocol_rows_io import PANORAMIC as PX
from fhir2dicom.plan.protocol_rows_io import ROWS as IO
from fhir2dicom.plan.protocol_rows_limbs import ROWS as LIMBS
from fhir2dicom.plan.protocol_rows_mg import ROWS as MG
from fhir2dicom.plan.texts import fold, has_word

ROWS: tuple[Row, ...] = (*CT, *FILMS, *LIMBS, *IO, *PX, *MG)

_GIVEN: tuple[tuple[str, str, str, float, float], ...] = (
    # modality, DICOM keyword, setting, lowest and highest value believed
    ("CT", "KVP", "kvp", 60.0, 150.0),
    ("CT", "SliceThickness", "thickness_mm", 0.2, 20.0),
    ("CT", "PixelSpacing", "fov_mm", 0.2, 1.6),
    ("DX", "KVP", "kvp", 40.0, 150.0),
    ("DX", "Exposure", "mas", 0.05, 500.0),
    ("DX", "DistanceSourceToDetector", "sid_mm", 800.0, 3000.0),
    ("DX", "PixelSpacing", "pixel_mm", 0.08, 0.5),
    ("IO", "KVP", "kvp", 50.0, 90.0),
    ("IO", "Exposure", "mas", 0.02, 20.0),
    ("IO", "PixelSpacing", "pixel_mm", 0.012, 0.08),
    ("PX", "KVP", "kvp", 55.0, 90.0),
    ("MG", "KVP", "kvp", 20.0, 49.0),
    ("MG", "Exposure", "mas", 1.0, 600.0),
)


def rows_for(physics: str, region: str) -> tuple[Row, ...]:
    """Return the rows of a modality and region, the usual one first; a region without any borrows the modality's first."""
    rows = tuple(r for r in ROWS if (r.protocol.modality, r.protocol.region) == (physics, region))
    return rows or tuple(_borrowed(r, region) for r in ROWS if r.protocol.modality == physics)[:1]


def _borrowed(row: Row, region: str) -> Row:
    said = region.replace("-", " ")
    name = f"{row.protocol.modality} {said}"
    return replace(
        row, protocol=replace(row.protocol, name=name, region=region, description=said.capitalize())
    )


def row_for(rows: tuple[Row, ...], order: StudyOrder, series: SeriesOrder, turn: int) -> Row:
    """Return the row that codes or words ask for, else the routine row whose turn it is.

    The series' own words come before those of the study; a study's second plain series of a kind is the
    second routine row (a chest CT: soft tissue, then lung).
    """
    own = fold(series.description)
    if row := next((r for r in rows if has_word(own, r.words)), None):
        return row
    codes = {c.value for c in order.procedures}
    said = words_of(order, replace(series, description=""))
    chosen = (r for r in rows if r.codes & codes or (r.stack and has_word(said, r.words)))
    if turn == 0 and (row := next(chosen, None)):
        return row
    routine = [r for r in rows if r.routine] or list(rows)
    return routine[turn % len(routine)]


def as_ordered(
    protocol: Protocol, physics: str, parameters: Mapping[str, float], where: str, notes: list[str]
) -> Protocol:
    """Return a protocol of a physics with the acquisition values that FHIR states, where they are believable."""
    settings = dict(protocol.settings)
    for modality, keyword, name, low, high in _GIVEN:
        value = parameters.get(keyword)
        if value is None or modality != physics:
            continue
        if low <= value <= high:
            settings[name] = value * protocol.columns if name == "fov_mm" else float(value)
        else:
            notes.append(f"{where}: {keyword} {value:g} is not believable ({low:g} to {high:g}); left out")
    return replace(protocol, settings=settings)


def usual_region(regions: tuple[str, ...]) -> str:
    """Return the region a modality sees when nothing is said."""
    return next((r for r in ("chest", "mouth", "breast") if r in regions), next(iter(regions), ""))


def procedure_name(codes: tuple[Code, ...]) -> str:
    """Return the first procedure's name without SNOMED's tag."""
    display = next((c.display for c in codes if c.display), "")
    return display.removesuffix(" (procedure)")
