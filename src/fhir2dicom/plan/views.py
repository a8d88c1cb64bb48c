"""Which films a series is: the views that its titles and words name, else the routine of the part, each with its side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fhir2dicom.model import Laterality, SeriesOrder, StudyOrder
from fhir2dicom.plan.protocol_film import FRONTAL
from fhir2dicom.plan.protocol_row import Row, words_of
from fhir2dicom.plan.sites import side_in
from fhir2dicom.plan.texts import fold, has_word, inside, spans

_ONE_VIEW = ("single view", "one view", "eine ebene", "une incidence")
_COUNTED = re.compile(
    r"\b(?P<digit>[1-9])\+?\s*(?:v\b|vw|view|projection|ebenen|incidence|vues|proyecc|proiezion|incidência)", re.IGNORECASE
)  # fmt: skip
_SPELT: Mapping[str, int] = {
    "two view": 2,
    "zwei ebenen": 2,
    "three view": 3,
    "four view": 4,
    "deux incidences": 2,
}
_SIDES: tuple[Laterality, Laterality] = ("R", "L")
"""Of a bilateral series, in the order in which they are made."""


@dataclass(frozen=True, slots=True)
class View:
    """One film to be made."""

    row: Row
    laterality: Laterality


def films(
    rows: tuple[Row, ...], order: StudyOrder, series: SeriesOrder, titles: tuple[str, ...], side: Laterality
) -> tuple[View, ...]:
    """Return the view of each film: what its title says, else the series or the study, else by turns.

    ``side`` is that of the series, empty for a part that has none. Of a bilateral series every other film is of the
    left side. A side that a row has of its own, or that a title names, comes first.
    """
    sided = of_both_sides(rows)
    rows = _of_side(rows, side)
    fixed, turns = _asked(rows, order, series, len(titles))
    pair = side == "B" and len(titles) > 1 and not sided
    found: list[View] = []
    for k, title in enumerate(titles):
        row = view_in(rows, title) or fixed or turns[(k // 2 if pair else k) % len(turns)]
        own = row.laterality or (side_in(title) if side or sided else "")
        if sided and not own and side not in _SIDES:
            own = _SIDES[sum(v.row.protocol.view == row.protocol.view for v in found) % 2]
        found.append(View(row, own or (_SIDES[k % 2] if pair else side)))
    return tuple(found)


def of_both_sides(rows: tuple[Row, ...]) -> bool:
    """Say whether the routine is of both sides, view by view, as a mammogram is."""
    sides = {r.laterality for r in rows if r.routine}
    return sides == set(_SIDES)


def _of_side(rows: tuple[Row, ...], side: Laterality) -> tuple[Row, ...]:
    """Return the rows that a series of one side may have: those of that side, of none, and those made by name only."""
    if side not in _SIDES:
        return rows
    return tuple(r for r in rows if r.laterality in {"", side} or not (r.routine or r.further))


def film_count(rows: tuple[Row, ...], order: StudyOrder, series: SeriesOrder, side: Laterality) -> int:
    """Return how many films are usual where nobody counted: as many as the words say or name, else all routine views."""
    text = words_of(order, series)
    sided = of_both_sides(rows)
    rows = _of_side(rows, side)
    named = named_in(rows, text)
    count = _stated(text) or (len(named) if _all_routine(named) or len(named) == 1 else 0)
    if not count:
        count = 1 if has_word(text, FRONTAL) and not named else max(1, sum(r.routine for r in rows))
    both = side not in _SIDES and bool(named) and not any(r.laterality for r in named)
    return count * (2 if (both if sided else side == "B") else 1)


def view_in(rows: tuple[Row, ...], text: str) -> Row | None:
    """Return the row that a title names: by its longest word, so ``AP axial`` is axial and not AP."""
    found = _matches(rows, text)
    return max(found, key=lambda f: (f[1] - f[0], f[0]))[2] if found else None


def named_in(rows: tuple[Row, ...], text: str) -> tuple[Row, ...]:
    """Return all rows that a text names, in the order of the rows."""
    found = {id(row) for _, _, row in _matches(rows, text)}
    return tuple(r for r in rows if id(r) in found)


def _matches(rows: tuple[Row, ...], text: str) -> list[tuple[int, int, Row]]:
    """Return (start, end, row) of each word of a view; of two rows with one word the first has it."""
    folded = fold(text)
    found: dict[tuple[int, int], Row] = {}
    for row in rows:
        for span in spans(folded, row.words):
            found.setdefault(span, row)
    kept = [s for s in found if not any(inside(s, other) for other in found)]
    return [(*s, found[s]) for s in sorted(kept)]


def _asked(
    rows: tuple[Row, ...], order: StudyOrder, series: SeriesOrder, count: int
) -> tuple[Row | None, tuple[Row, ...]]:
    """Return the row of every film, if there is one, and else the rows by turns."""
    codes = {c.value for c in order.procedures}
    routine = tuple(r for r in rows if r.routine) or rows
    if coded := next((r for r in rows if r.codes & codes), None):
        return coded, routine
    own, said = named_in(rows, series.description), named_in(rows, words_of(order, series))
    for named in (own, said):
        if len(named) == 1 and not (named[0].routine or named[0].further):
            return named[0], routine
    named = own or said
    if len(named) == 1 and count == 1:
        return named[0], routine
    first = named if _all_routine(named) else ()
    more = tuple(r for r in rows if r.further) if count > len(routine) else ()
    return None, tuple({id(r): r for r in (*first, *routine, *more)}.values())


def _all_routine(named: tuple[Row, ...]) -> bool:
    """Say whether rows go together: a bedside film beside a lateral is a standing study in other words."""
    return bool(named) and all(r.routine or r.further for r in named)


def _stated(text: str) -> int:
    if has_word(text, _ONE_VIEW):
        return 1
    counted = _COUNTED.search(text)
    return int(counted["digit"]) if counted else next((n for w, n in _SPELT.items() if w in text), 0)
