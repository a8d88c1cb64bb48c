"""Which part of the body: from the body site, then the procedure, then words, then the modality's usual one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from fhir2dicom.model import Code, Laterality, SeriesOrder, StudyOrder
from fhir2dicom.plan.catalog import Catalog, RegionRow
from fhir2dicom.plan.places import PLACES, TOGETHER, Place
from fhir2dicom.plan.texts import fold, has_word, printable, spans

_SIDE_CODES: Mapping[str, Laterality] = {
    # SNOMED CT, DICOM (0020,0060), and the eyes
    "7771000": "L",
    "L": "L",
    "OS": "L",
    "24028007": "R",
    "R": "R",
    "OD": "R",
    "51440002": "B",
    "B": "B",
    "OU": "B",
}
_LEFT = ("left", "links", "linke", "gauche", "izquierd", "esquerd", "sinistr", "lt", "左")
_RIGHT = ("right", "rechts", "rechte", "droit", "derech", "direit", "destr", "rt", "右")
_BOTH = ("bilateral", "both", "beidseits", "beide")
_UNPAIRED = frozenset({"head", "chest", "abdomen", "chest-abdomen"})
"""Regions that have no side: a nodule in the left lung does not make a left chest."""


_NO_CODE = Code("", "")


@dataclass(frozen=True, slots=True)
class Site:
    """A part of the body, and the region that shows it."""

    region: str
    """Name of the region to build; a place's name when nobody builds it; empty when nothing is known."""
    body_part: str = ""
    code: Code = _NO_CODE
    said: str = ""
    """As FHIR calls it, for messages."""
    note: str = ""
    """Why this one, when FHIR's body site did not say it plainly."""


class Atlas:
    """Every part of the body that is known: the plan's own rows and those of the regions."""

    def __init__(self, catalog: Catalog) -> None:
        self.regions = {r.name: r for r in catalog.regions}
        self.places = {p.name: p for p in PLACES}
        self.codes: dict[str, str] = {c: p.name for p in PLACES for c in p.snomed}
        self.words: dict[str, tuple[str, ...]] = {p.name: p.words for p in PLACES}
        for row in catalog.regions:
            for code in (*sorted(row.snomed), row.code.value):
                if not self._is_part_of(self.codes.get(code, ""), row.name):
                    self.codes[code] = row.name
            self.words[row.name] = tuple(dict.fromkeys((*self.words.get(row.name, ()), *row.words)))

    def _is_part_of(self, place: str, region: str) -> bool:
        """Say whether a place has a row that leads to the region, with a note of what is lacking."""
        return place not in self.regions and place in self.places and self.places[place].instead == region

    def by_code(self, codes: Iterable[Code]) -> str:
        """Return the place of the first code that means one."""
        return next((self.codes[c.value] for c in codes if c.value in self.codes), "")

    def by_words(self, *texts: str) -> str:
        """Return the place named in texts: parts that belong together as one, else the longest word's."""
        text = fold(*texts)
        found = [(e - s, -s, e, n) for n, words in self.words.items() for s, e in spans(text, words)]
        kept = [f for f in found if not any(_inside(f, g) for g in found)]
        names = {name for *_, name in kept}
        for parts, place in TOGETHER:
            if parts <= names:
                return place
        return max(kept, default=(0, 0, 0, ""), key=lambda f: (f[0], f[1], f[3]))[3]

    def site(self, place: str, given: Code | None) -> Site:
        """Return a place as a site; FHIR's own code stays beside it."""
        row, region = self.places.get(place), self.regions.get(place)
        note = ""
        if region is None and row is not None and row.instead in self.regions:
            region = self.regions[row.instead]
            note = f"{place}: made as {row.instead}" + (
                f"; the {row.lacking} is not covered yet" if row.lacking else ""
            )
        code = given if given is not None and given.value else (region.code if region else Code("", ""))
        said = _shown(given) if given is not None else ""
        return Site(region.name if region else place, _part(row, region), code, said or place, note)


def _part(row: Place | None, region: RegionRow | None) -> str:
    if region is not None and (row is None or row.name == region.name):
        return region.body_part
    return row.body_part if row is not None else ""


def _inside(one: tuple[int, int, int, str], other: tuple[int, int, int, str]) -> bool:
    """Say whether a longer match covers this one: ``chest wall`` covers ``chest``."""
    return other[0] > one[0] and -other[1] <= -one[1] and one[2] <= other[2]


@lru_cache(maxsize=8)
def atlas(catalog: Catalog) -> Atlas:
    """Return the known parts of the body under a catalog."""
    return Atlas(catalog)


def site_of(order: StudyOrder, series: SeriesOrder, known: Atlas, usual: str) -> Site:
    """Return the part of the body of a series; ``usual`` is what the modality mostly sees."""
    given = series.body_site
    if given is not None:
        if place := known.by_code((given,)):
            return known.site(place, given)
        if place := known.by_words(given.display):
            return _because(known.site(place, given), f"body site '{_shown(given)}' is {place} by its words")
    if place := known.by_code(order.procedures):
        return _because(known.site(place, None), f"no known body site; {place} by the procedure code")
    study = (*(p.display for p in order.procedures), order.description, *order.notes)
    for texts in ((series.description,), study, tuple(r.display for r in order.reasons)):
        if place := known.by_words(*texts):
            return _because(
                known.site(place, None), f"no known body site; {place} by the words '{_line(texts)}'"
            )
    if given is not None and (given.display or given.value.isdigit()):
        return Site("", "", given, _shown(given))
    said = " | ".join(filter(None, (series.description, order.description)))[:80]
    reason = (
        f"no known part of the body in '{printable(said)}'" if said else "nothing says which part of the body"
    )
    return _because(known.site(usual, None), f"{reason}; {usual} taken")


def _because(site: Site, reason: str) -> Site:
    note = f"{reason}; {site.note}" if site.note else reason
    return Site(site.region, site.body_part, site.code, site.said, note)


def _shown(code: Code) -> str:
    return printable(code.display or code.value).removesuffix(" (body structure)")[:80]


def _key(text: str) -> str:
    return text.strip().upper()


def _line(texts: Iterable[str]) -> str:
    return " | ".join(t for t in texts if t)[:80]


def side_of_series(series: SeriesOrder, region: str) -> Laterality:
    """Return the side of a series: by its code, else, where the region has sides, by its words."""
    if side := side_of(series.laterality):
        return side
    if region in _UNPAIRED:
        return ""
    return side_of(None, series.description, series.body_site.display if series.body_site else "")


def side_of_film(title: str, region: str) -> Laterality:
    """Return the side that an instance's title names (``OS``, ``left knee``), where the region has sides."""
    return "" if region in _UNPAIRED else side_of(None, title)


def side_of(code: Code | None, *texts: str) -> Laterality:
    """Return the side that a code or, failing that, a text names."""
    if code is not None:
        texts = (code.value, code.display, *texts)
    if side := next((_SIDE_CODES[t] for t in map(_key, texts) if t in _SIDE_CODES), None):
        return side
    folded = fold(*texts)
    if not folded:
        return ""
    left, right = has_word(folded, _LEFT), has_word(folded, _RIGHT)
    if has_word(folded, _BOTH) or (left and right):
        return "B"
    return "L" if left else "R" if right else ""
