"""The contract of a modality."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fhir2dicom.model import Body, Frames, Shot
from fhir2dicom.seed import Seed

Acquire = Callable[[Body, Shot, Seed], Frames]
"""(body, shot: protocol, side and number of frames; seed) → frames. Pure: the seed keys the noise and nothing else draws."""


@dataclass(frozen=True, slots=True)
class Iod:
    """One storage object: which SOP class a modality's images become, and the PS3.3 modules that fill it.

    ``modules`` names functions of `fhir2dicom.dicom.modules` beyond those every image has.
    """

    sop_class: str
    modality: str
    """Modality (0008,0060) that the IOD wants."""
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Modality:
    """A physics under one name: what FHIR may call it, what it writes, and how it forms pixels."""

    name: str
    """As plans call it: CT, DX …"""
    aliases: tuple[str, ...]
    """Modality codes of FHIR that mean it, its name included: DX answers to DX, CR, XR, RG."""
    iods: tuple[Iod, ...]
    """The first is written when FHIR names no SOP class, or one that does not fit the modality."""
    regions: tuple[str, ...]
    """The regions it can image."""
    acquire: Acquire
