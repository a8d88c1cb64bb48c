"""Which rows a series is made by: the views that codes, titles and words ask for, else the routine of the part.

The rows themselves are in `protocol_rows_ct`, `protocol_rows_films`, `protocol_rows_io` and `protocol_rows_mg`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fhir2dicom.model import Code, Protocol, SeriesOrder, StudyOrder
from fhir2dicom.plan.protocol_row import Row, words_of
from fhir2dicom.plan.protocol_rows_ct import ROWS as CT
from fhir2dicom.plan.protocol_rows_films import ROWS as FILMS
from fhir2dicom.plan.protocol_rows_io import ROWS as IO
from fhir2dicom.plan.protocol_rows_mg import ROWS as MG
from fhir2dicom.plan.texts import fold, has_word

_FRONTAL = ("pa", "p.a.", "ap", "a.p.", "frontal", "1 view", "single view")
_TWO_VIEWS = ("2 view", "two view", "2 ebenen", "zwei ebenen")
_LATERAL = ("lateral", "seitlich", "ll", "lat", "profil", "latero", "側面")


ROWS: tuple[Row, ...] = (*CT, *FILMS, *IO, *MG)

_GIVEN: tuple[tuple[str, str, str, float, float], ...] = (
    # modality, DICOM keyword, setting, lowest and highest value believed
    ("CT", "KVP", "kvp", 60.0, 150.0),
    ("CT", "SliceThickness", "thickness_mm", 0.2, 20.0),
    ("CT", "PixelSpacing", "fov_mm", 0.2, 1.6),
    ("DX", "KVP", "kvp", 40.0, 150.0),
    ("DX", "Exposure", "mas", 0.05, 500.0),
    ("DX", "DistanceSourceToDetector", "sid_mm", 800.0, 3000.0),
    ("DX", "PixelSpacing", "pixel_mm", 0.08, 0.5),
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


def films(
    rows: tuple[Row, ...], order: StudyOrder, series: SeriesOrder, titles: tuple[str, ...]
) -> tuple[Row, ...]:
    """Return the row of each film of a series: what its title says, else the series, else by turns PA and lateral."""
    routine = [r for r in rows if r.routine] or list(rows)
    own = _view(rows, series.description)
    said = _view(rows, words_of(order, series))
    bedside = next((r for r in (own, said) if r is not None and not r.routine), None)
    fixed = bedside or (own if own is not None and len(titles) == 1 else None)
    turns = [own, *(r for r in routine if r is not own)] if own is not None else routine
    return tuple(_view(rows, t) or fixed or turns[k % len(turns)] for k, t in enumerate(titles))


def film_count(rows: tuple[Row, ...], order: StudyOrder, series: SeriesOrder) -> int:
    """Return how many films are usual: all routine views, but one where a single view is asked for."""
    text = words_of(order, series)
    bedside = any(has_word(text, r.words) for r in rows if not r.routine and r.protocol.view == "AP")
    frontal, lateral = bedside or has_word(text, _FRONTAL), has_word(text, _LATERAL)
    routine = max(1, sum(r.routine for r in rows))
    return 1 if frontal != lateral and not has_word(text, _TWO_VIEWS) else routine


def _view(rows: tuple[Row, ...], text: str) -> Row | None:
    """Return the row whose words a text holds, unless it speaks of a frontal film as well."""
    folded = fold(text)
    found = next((r for r in rows if has_word(folded, r.words)), None)
    both = found is not None and found.protocol.view == "LL" and has_word(folded, (*_FRONTAL, *_TWO_VIEWS))
    return None if both else found


def as_ordered(protocol: Protocol, parameters: Mapping[str, float], where: str, notes: list[str]) -> Protocol:
    """Return a protocol with the acquisition values that FHIR states, where they are believable."""
    settings = dict(protocol.settings)
    for modality, keyword, name, low, high in _GIVEN:
        value = parameters.get(keyword)
        if value is None or modality != protocol.modality:
            continue
        if low <= value <= high:
            settings[name] = value * protocol.columns if name == "fov_mm" else float(value)
        else:
            notes.append(f"{where}: {keyword} {value:g} is not believable ({low:g} to {high:g}); left out")
    return replace(protocol, settings=settings)


def usual_region(regions: tuple[str, ...]) -> str:
    """Return the region a modality sees when nothing is said."""
    return "chest" if "chest" in regions else next(iter(regions), "")


def procedure_name(codes: tuple[Code, ...]) -> str:
    """Return the first procedure's name without SNOMED's tag."""
    display = next((c.display for c in codes if c.display), "")
    return display.removesuffix(" (procedure)")
