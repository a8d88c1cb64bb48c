"""Acquisitions as a department sets them up: one row each. A new one is one row here.

The numbers are common practice, rounded by us, and not copied from one department or checked against a guideline's
tables: CT in slices of 5 mm and thinner, as the AAPM's routine adult protocols, high resolution of the chest in 1 to
2 mm, as EUR 16262 (European guidelines on quality criteria for CT); chest films with high voltage, 1.8 m and a grid, as
EUR 16260 (the same for radiographic images, 1996); at the bedside, where no grid is carried, 90 kV and 1.1 m. A lateral
chest takes about three times the mAs of a frontal one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fhir2dicom.model import Code, Protocol, SeriesOrder, StudyOrder
from fhir2dicom.plan.texts import fold, has_word


@dataclass(frozen=True, slots=True)
class Row:
    """A protocol and what asks for it; the first row of its modality and region is the usual one."""

    protocol: Protocol
    codes: frozenset[str] = frozenset()
    """Procedure codes."""
    words: tuple[str, ...] = ()
    """Words in a description or procedure."""
    stack: bool = False
    """All instances of a series are one acquisition, one slice each; else an acquisition an instance."""
    routine: bool = True
    """Made when FHIR lists no series."""


_HRCT = frozenset({"16335031000119103"})
_LUNG_WORDS = (
    "hrct",
    "high resolution",
    "hochauflösend",
    "lung window",
    "lung kernel",
    "lungenfenster",
    "alta resolución",
)
_BONE_WORDS = ("bone", "knochen", "knochenfenster", "osseux", "hueso", "osteo")
_BEDSIDE = (
    "portable",
    "bedside",
    "supine",
    "liegend",
    "a.p.",
    "ap view",
    "ap",
    "anteroposterior",
    "mobile",
    "icu",
    "au lit",
)
_ERECT = ("pa", "p.a.", "posteroanterior")
_FRONTAL = ("pa", "p.a.", "ap", "a.p.", "frontal", "1 view", "single view")
_TWO_VIEWS = ("2 view", "two view", "2 ebenen", "zwei ebenen")
_LATERAL = ("lateral", "seitlich", "ll", "lat", "profil", "latero", "側面")


def _ct(name: str, region: str, kernel: str, description: str, *, frames: int, mm: float = 0.0) -> Row:
    """Return a CT row; tube voltage and current follow the body, so the scanner (`physics`) sets them."""
    pose = "supine" if region == "head" else "arms-up"
    settings = {"thickness_mm": mm} if mm else {}
    return Row(
        Protocol(
            name, "CT", region, 512, 512, frames, description, "AX", pose, kernel=kernel, settings=settings
        ),
        stack=True,
    )


def _film(
    name: str, view: str, pose: str, description: str, *, kvp: int, mas: float, sid: int, grid: int
) -> Row:
    settings = {"kvp": float(kvp), "mas": mas, "sid_mm": float(sid), "grid": float(grid)}
    return Row(
        Protocol(name, "DX", "chest", 2048, 2048, 1, description, view=view, pose=pose, settings=settings)
    )


ROWS: tuple[Row, ...] = (
    # name, region, kernel, description, slices, thickness (left out: from region and count) | codes, words
    _ct("CT head", "head", "head", "Head", frames=32),
    replace(_ct("CT head bone", "head", "bone", "Head bone", frames=32), words=_BONE_WORDS),
    _ct("CT chest", "chest", "soft", "Chest", frames=60),
    replace(
        _ct("CT chest lung", "chest", "lung", "Chest lung", frames=60, mm=1.25),
        codes=_HRCT,
        words=_LUNG_WORDS,
    ),
    _ct("CT abdomen", "abdomen", "soft", "Abdomen", frames=50),
    _ct("CT chest abdomen", "chest-abdomen", "soft", "Chest abdomen", frames=110),
    replace(
        _ct("CT chest abdomen lung", "chest-abdomen", "lung", "Lung", frames=110),
        words=_LUNG_WORDS,
        routine=False,
    ),
    # name, view, pose, description, kV, mAs, focus to detector mm, grid ratio (0: none)
    replace(
        _film("Chest PA", "PA", "arms-down", "Chest PA", kvp=125, mas=2.0, sid=1800, grid=10), words=_ERECT
    ),
    replace(
        _film("Chest lateral", "LL", "arms-up", "Chest lateral", kvp=125, mas=6.0, sid=1800, grid=10),
        words=_LATERAL,
    ),
    replace(
        _film("Chest AP bedside", "AP", "supine", "Chest AP bedside", kvp=90, mas=2.0, sid=1100, grid=0),
        words=_BEDSIDE,
        routine=False,
    ),
)

_ARTERIAL = ("arterial", "angio", "cta", "embolism", "arteriell", "aorta", "cardiac")
_PORTAL = ("portal", "venous", "venös", "veineux", "venosa")
_WITHOUT = (
    "without contrast",
    "without iv contrast",
    "w/o contrast",
    "wo contrast",
    "non-contrast",
    "noncontrast",
    "unenhanced",
    "native",
    "nativ",
    "ohne kontrast",
    "ohne km",
    "sans contraste",
    "sin contraste",
    "sem contraste",
    "senza contrasto",
    "no contrast",
    "plain ct",
)
_WITH = (
    "with contrast",
    "with iv contrast",
    "with intravenous contrast",
    "w contrast",
    "w/ contrast",
    "enhanced",
    "contrast",
    "kontrast",
    "cta",
    "ctpa",
    "angiogra",
    "mit km",
    "contraste",
    "contrasto",
    "造影",
    "контраст",
)
_WITHOUT_CODES = frozenset(
    {"16335031000119103", "396205005", "396101000119105", "16457501000119102", "30799-1", "395081000119108"}
)
_WITH_CODES = frozenset(
    {
        "32962002",
        "429864007",
        "433761009",
        "432370003",
        "1148701004",
        "24628-0",
        "75385009",
        "16332841000119106",
    }
)
_PHASE: Mapping[str, str] = {
    # region: the phase of its routine scan with contrast medium
    "chest": "arterial",
    "abdomen": "portal-venous",
    "chest-abdomen": "portal-venous",
}

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


def _texts(order: StudyOrder, series: SeriesOrder) -> str:
    codes = (*order.procedures, *((series.body_site,) if series.body_site else ()))
    return fold(series.description, order.description, *(c.display for c in codes), *order.notes)


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
    said = _texts(order, replace(series, description=""))
    chosen = (r for r in rows if r.codes & codes or (r.stack and has_word(said, r.words)))
    if turn == 0 and (row := next(chosen, None)):
        return row
    routine = [r for r in rows if r.routine] or list(rows)
    return routine[turn % len(routine)]


def contrast_of(order: StudyOrder, series: SeriesOrder, region: str) -> tuple[str, str]:
    """Return the contrast phase of a CT, and why: empty without contrast medium.

    An acquisition parameter decides, else what the series or the study says; "without" beats "with".
    """
    text, codes = _texts(order, series), {c.value for c in order.procedures}
    given = series.parameters.get("ContrastBolusAgent")
    without = given == 0 or has_word(text, _WITHOUT) or bool(codes & _WITHOUT_CODES)
    asked = bool(given) or has_word(text, (*_WITH, *_PORTAL)) or bool(codes & _WITH_CODES)
    usual = _PHASE.get(region, "")
    if not usual or without or not asked:
        return "", ""
    phase = "portal-venous" if has_word(text, _PORTAL) else "arterial" if has_word(text, _ARTERIAL) else usual
    return phase, f"with contrast medium: {phase} phase"


def films(
    rows: tuple[Row, ...], order: StudyOrder, series: SeriesOrder, titles: tuple[str, ...]
) -> tuple[Row, ...]:
    """Return the row of each film of a series: what its title says, else the series, else by turns PA and lateral."""
    routine = [r for r in rows if r.routine] or list(rows)
    own = _view(rows, series.description)
    said = _view(rows, _texts(order, series))
    bedside = next((r for r in (own, said) if r is not None and not r.routine), None)
    fixed = bedside or (own if own is not None and len(titles) == 1 else None)
    turns = [own, *(r for r in routine if r is not own)] if own is not None else routine
    return tuple(_view(rows, t) or fixed or turns[k % len(turns)] for k, t in enumerate(titles))


def film_count(rows: tuple[Row, ...], order: StudyOrder, series: SeriesOrder) -> int:
    """Return how many films are usual: all routine views, but one where a single view is asked for."""
    text = _texts(order, series)
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
