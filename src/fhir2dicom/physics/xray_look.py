"""How a kind of film is exposed and shown: one row each.

Bands of different width have gains of their own, as in the multi-scale processing of consoles (Vuylsteke & Schoeters,
Proc SPIE 2167:551, 1994). The numbers are ours, set by eye.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fhir2dicom.model import Protocol


@dataclass(frozen=True, slots=True)
class Look:
    """Gains of the display's bands, coarse to fine, and the greys that it aims at."""

    base: float = 0.46
    """Wider than about 2 cm."""
    middle: float = 0.8
    fine: float = 1.4
    """Narrower than about 4 mm."""
    edge: float = 1.5
    """Narrower than about 1 mm."""
    damp: float = 0.55
    """Part of the fine bands that is taken off in dense parts."""
    knee: float = 0.5
    """From here on, of the way from lung to dense, what is wide gains half as much."""
    low: float = 0.23
    """Grey, of 1, of the clear lung: the lower quartile over the lungs; elsewhere of soft parts without bone."""
    dense: float = 0.80
    """Grey of the densest parts: the 97th percentile of the body; elsewhere of bone."""
    lungs: bool = True
    """Whether the lungs set the low grey."""
    shares: tuple[float, float] = (0.0, 0.0)
    """Parts of the body below the low and the dense grey, where bone covers everything; 0: soft parts and bone decide."""
    soft_samples: int = 1
    """Samples along a side of a quarter pixel, of what is coarse."""
    grain: float = 1e9
    """Most noise that is shown, relative: consoles smooth what is underexposed."""
    black: float = 0.0
    """How much darker than its band says a part is that nothing but air covers."""
    scatter: float = 0.3
    """Scatter that reaches the detector, as a share of what is absorbed nearby."""
    net: float = 0.5
    """How strongly trabeculae show."""


CHEST = Look()
LIMB = Look(
    base=0.70,
    middle=0.9,
    fine=1.15,
    edge=1.35,
    damp=0.15,
    low=0.30,
    dense=0.86,
    lungs=False,
    soft_samples=2,
    grain=0.08,
    black=3.0,
    scatter=0.10,
)
TRUNK = Look(
    base=0.45,
    middle=0.85,
    fine=1.25,
    edge=1.3,
    damp=0.2,
    low=0.42,
    dense=0.86,
    lungs=False,
    soft_samples=2,
    grain=0.08,
    black=2.0,
    scatter=0.35,
)

HEAD = replace(TRUNK, low=0.20, dense=0.90, shares=(0.10, 0.975))
JAW = replace(TRUNK, base=0.42, middle=1.0, fine=1.5, edge=1.6, low=0.26, dense=0.88, shares=(0.2, 0.97))
NECK = replace(TRUNK, base=0.36, low=0.34)


def look_of(protocol: Protocol) -> Look:
    """Return how a film that is no chest is shown: head, neck, trunk behind a grid, limb without one."""
    if protocol.region == "mandible" and protocol.view == "LAT":
        return JAW
    if protocol.region in {"skull", "face", "mandible"}:
        return HEAD
    if protocol.region == "cervical-spine":
        return NECK
    return TRUNK if protocol.settings.get("grid", 0.0) else LIMB
