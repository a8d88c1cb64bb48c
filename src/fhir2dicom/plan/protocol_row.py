"""A protocol and what asks for it; the rows themselves are in `protocol_rows_ct`, `_films`, `_limbs`, `_io` and `_mg`."""

from __future__ import annotations

from dataclasses import dataclass

from fhir2dicom.model import Laterality, Protocol, SeriesOrder, StudyOrder
from fhir2dicom.plan.texts import fold


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
    """Made when FHIR lists no series, and counts no films."""
    further: bool = False
    """Of a film that is no routine: made when FHIR counts more films than the routine has."""
    laterality: Laterality = ""
    """The side that the row itself means: the left breast, the teeth of one side; empty where FHIR or the patient says."""


def words_of(order: StudyOrder, series: SeriesOrder) -> str:
    """Return all that a series and its study say, as one folded line to look for words in."""
    codes = (*order.procedures, *((series.body_site,) if series.body_site else ()))
    return fold(series.description, order.description, *(c.display for c in codes), *order.notes)
