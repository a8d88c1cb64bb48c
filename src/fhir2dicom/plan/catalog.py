"""What can be made, as data: the plan sees the other rooms through this and never imports them."""

from __future__ import annotations

from dataclasses import dataclass

from fhir2dicom.model import Code


@dataclass(frozen=True, slots=True)
class IodRow:
    """A storage object that a modality can write."""

    sop_class: str
    modality: str


@dataclass(frozen=True, slots=True)
class ModalityRow:
    """A modality that can be made; see `physics.modality.Modality`."""

    name: str
    aliases: tuple[str, ...]
    iods: tuple[IodRow, ...]
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region that can be built; see `anatomy.region.Region`."""

    name: str
    body_part: str
    code: Code
    snomed: frozenset[str]
    words: tuple[str, ...]
    seen_by: tuple[str, ...] = ()
    paired: bool = False


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding that can be grown; see `findings.finding.Finding`."""

    name: str
    snomed: frozenset[str]
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that can be made."""

    modalities: tuple[ModalityRow, ...]
    regions: tuple[RegionRow, ...]
    findings: tuple[FindingRow, ...]
