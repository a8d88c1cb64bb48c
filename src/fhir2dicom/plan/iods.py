"""Which physics makes a series, and which storage object it becomes."""

from __future__ import annotations

from fhir2dicom.plan.catalog import Catalog, IodRow, ModalityRow
from fhir2dicom.plan.modalities import named

SOP_NAMES = {
    "1.2.840.10008.5.1.4.1.1.1": "CR Image Storage",
    "1.2.840.10008.5.1.4.1.1.1.1": "DX Image Storage For Presentation",
    "1.2.840.10008.5.1.4.1.1.1.1.1": "DX Image Storage For Processing",
    "1.2.840.10008.5.1.4.1.1.2": "CT Image Storage",
    "1.2.840.10008.5.1.4.1.1.2.1": "Enhanced CT Image Storage",
}
"""For notes (PS3.6 Annex A)."""


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
