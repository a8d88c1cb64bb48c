"""Which part of the body: from the body site, then the procedure, then words, then the modality's usual one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from fhir2dicom.model import Code, Laterality, SeriesOrder, StudyOrder
from fhir2dicom.plan.catalog import Catalog, RegionRow
from fhir2dicom.plan.places import PLACES, TOGETHER, Place
from fhir2dicom.plan.texts import fold, has_word, inside, printable, spans

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
_CAPITAL = re.compile(r"(?<![\w.'’/-])([RL])(?![\w.'’/-]|\s*\d)")
"""A letter that stands alone, and is no initial, article (l'épaule) or vertebra (L 5)."""

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


@dataclass(frozen=True, slots=True)
class Seen:
    """What the makers of a modality can see."""

    regions: frozenset[str]
    usual: str
    """The one they mostly see."""
    films: bool = False
    """They look through the body, and make no sections of it."""


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
        row = self.places.get(place)
        return place not in self.regions and row is not None and region in row.instead

    def by_code(self, codes: Iterable[Code]) -> str:
        """Return the place of the first code that means one."""
        return next((self.codes[c.value] for c in codes if c.value in self.codes), "")

    def by_words(self, *texts: str) -> str:
        """Return the place named in texts: parts that belong together as one, else the longest word's."""
        text = fold(*texts)
        found = [(s, e, n) for n, words in self.words.items() for s, e in spans(text, words)]
        kept = [f for f in found if not any(inside(f[:2], g[:2]) for g in found)]
        names = {name for *_, name in kept}
        for parts, place in TOGETHER:
            if parts <= names:
                return place
        return max(kept, default=(0, 0, ""), key=lambda f: (f[1] - f[0], -f[0], f[2]))[2]

    def site(self, place: str, given: Code | None, seen: Seen) -> Site:
        """Return a place as a site that is seen, where there is one; FHIR's own code stays beside it."""
        row, region = self.places.get(place), self.regions.get(place) if place in seen.regions else None
        note = ""
        if region is None and (other := self._instead(place, seen)):
            region = self.regions[other]
            lacking = row.lacking if row is not None and not seen.films else ""
            note = f"{place}: made as {other}" + (f"; the {lacking} is not covered yet" if lacking else "")
        code = given if given is not None and given.value else (region.code if region else _NO_CODE)
        said = _shown(given) if given is not None else ""
        return Site(region.name if region else place, _part(row, region), code, said or place, note)

    def _instead(self, place: str, seen: Seen) -> str:
        row = self.places.get(place)
        return next((r for r in (row.instead if row else ()) if r in seen.regions & self.regions.keys()), "")


def _part(row: Place | None, region: RegionRow | None) -> str:
    if region is not None and (row is None or row.name == region.name):
        return region.body_part
    return row.body_part if row is not None else ""


@lru_cache(maxsize=8)
def atlas(catalog: Catalog) -> Atlas:
    """Return the known parts of the body under a catalog."""
    return Atlas(catalog)


def site_of(order: StudyOrder, series: SeriesOrder, known: Atlas, seen: Seen) -> Site:
    """Return the part of the body of a series."""
    given = series.body_site
    if given is not None:
        if place := known.by_code((given,)):
            return known.site(place, given, seen)
        if place := known.by_words(given.display):
            return _because(
                known.site(place, given, seen), f"body site '{_shown(given)}' is {place} by its words"
            )
    if place := known.by_code(order.procedures):
        return _because(known.site(place, None, seen), f"no known body site; {place} by the procedure code")
    study = (*(p.display for p in order.procedures), order.description, *order.notes)
    for texts in ((series.description,), study, tuple(r.display for r in order.reasons)):
        if place := known.by_words(*texts):
            return _because(
                known.site(place, None, seen), f"no known body site; {place} by the words '{_line(texts)}'"
            )
    if given is not None and (given.display or given.value.isdigit()):
        return Site("", "", given, _shown(given))
    said = " | ".join(filter(None, (series.description, order.description)))[:80]
    reason = (
        f"no known part of the body in '{printable(said)}'" if said else "nothing says which part of the body"
    )
    return _because(known.site(seen.usual, None, seen), f"{reason}; {seen.usual} taken")


def _because(site: Site, reason: str) -> Site:
    note = f"{reason}; {site.note}" if site.note else reason
    return Site(site.region, site.body_part, site.code, site.said, note)


def _shown(code: Code) -> str:
    return printable(code.display or code.value).removesuffix(" (body structure)")[:80]


def _key(text: str) -> str:
    return text.strip().upper()


def _line(texts: Iterable[str]) -> str:
    return " | ".join(t for t in texts if t)[:80]


def side_of_series(order: StudyOrder, series: SeriesOrder, *, paired: bool) -> Laterality:
    """Return the side of a series: by its code, else, where there are two of the part, by its words or the study's.

    A nodule in the left lung does not make a left chest.
    """
    if side := side_of(series.laterality):
        return side
    if not paired:
        return ""
    own = (series.description, series.body_site.display if series.body_site else "")
    study = (*(p.display for p in order.procedures), order.description, *order.notes)
    return side_in(*own) or side_in(*study) or side_in(*(r.display for r in order.reasons))


def side_in(*texts: str) -> Laterality:
    """Return the side that texts name in words, else by one capital: ``R KNEE AP``, ``Hand L``."""
    if side := side_of(None, *texts):
        return side
    capitals = {m[1] for text in texts for m in _CAPITAL.finditer(text)}
    return "L" if capitals == {"L"} else "R" if capitals == {"R"} else "B" if capitals else ""


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
