"""Which physics makes a series, and which storage object it becomes."""

from __future__ import annotations

from fhir2dicom.model import SeriesOrder, StudyOrder
from fhir2dicom.plan.catalog import Catalog, IodRow, ModalityRow
from fhir2dicom.plan.modalities import PANORAMIC, RADIOGRAPHS, named
from fhir2dicom.plan.protocol_row import words_of
from fhir2dicom.plan.texts import has_word

SOP_NAMES = {
    "1.2.840.10008.5.1.4.1.1.1": "CR Image Storage",
    "1.2.840.10008.5.1.4.1.1.1.1": "DX Image Storage For Presentation",
    "1.2.840.10008.5.1.4.1.1.1.1.1": "DX Image Storage For Processing",
    "1.2.840.10008.5.1.4.1.1.1.2": "Digital Mammography X-Ray Image Storage For Presentation",
    "1.2.840.10008.5.1.4.1.1.1.2.1": "Digital Mammography X-Ray Image Storage For Processing",
    "1.2.840.10008.5.1.4.1.1.2": "CT Image Storage",
    "1.2.840.10008.5.1.4.1.1.2.1": "Enhanced CT Image Storage",
}
"""For notes (PS3.6 Annex A)."""

FOR_PROCESSING = frozenset({"1.2.840.10008.5.1.4.1.1.1.2.1", "1.2.840.10008.5.1.4.1.1.1.3.1"})
"""Storage objects of raw films that somebody makes."""


def makers(catalog: Catalog, modality: str) -> tuple[ModalityRow, ...]:
    """Return the modalities that can make a code, the one of that very name first."""
    found = [
        m
        for m in catalog.modalities
        if modality == m.name or modality in m.aliases or any(i.modality == modality for i in m.iods)
    ]
    return tuple(sorted(found, key=lambda m: (m.name != modality, m.name)))


def iod_of(maker: ModalityRow, modality: str, sop_class: str, where: str, notes: list[str]) -> IodRow:
    """Return the storage object: FHIR's modality decides, its SOP class among objects of that modality.

    A SOP class that does not fit the modality (Synthea's CR with the DX class) is noted and left.
    """
    fitting = [i for i in maker.iods if i.modality == modality]
    exact = next((i for i in fitting if i.sop_class == sop_class), None)
    chosen = exact or next(iter(fitting), None)
    if chosen is None:
        chosen = next((i for i in maker.iods if i.sop_class == sop_class), maker.iods[0])
        notes.append(f"{where}: modality {modality} is written as {named(chosen.modality)}")
    if sop_class and sop_class != chosen.sop_class:
        said, made = _name(sop_class), _name(chosen.sop_class)
        notes.append(f"{where}: SOP class {said} does not fit modality {modality}; {made} written")
    return chosen


def film_maker(order: StudyOrder, series: SeriesOrder, modality: str, place: str, catalog: Catalog) -> str:
    """Return the modality of films that a part is really of, where FHIR names another one: teeth are IO, a breast is MG.

    Empty when FHIR's own will do, or none can see the part.
    """
    if modality not in RADIOGRAPHS:
        return ""
    if has_word(words_of(order, series), PANORAMIC):
        return "" if modality == "PX" else "PX"
    if not makers(catalog, modality) or _sees(modality, place, catalog):
        return ""
    return next((m for m in ("DX", "IO", "MG", "PX") if m != modality and _sees(m, place, catalog)), "")


def _sees(modality: str, place: str, catalog: Catalog) -> bool:
    return any(place in regions_made(m, catalog) for m in makers(catalog, modality))


def _name(sop_class: str) -> str:
    return SOP_NAMES.get(sop_class, sop_class[:70])


def made_now(catalog: Catalog) -> str:
    """Say what can be made: ``CT, DX``."""
    return ", ".join(m.name for m in catalog.modalities) or "nothing"


def regions_made(maker: ModalityRow, catalog: Catalog) -> tuple[str, ...]:
    """Return the regions that a modality sees and somebody builds."""
    built = {r.name: maker.name in r.seen_by for r in catalog.regions}
    return (
        *(r for r in maker.regions if r in built),
        *(r for r, seen in built.items() if seen and r not in maker.regions),
    )
