"""Names of the bones of an arm, and which joints move each."""

from __future__ import annotations

from collections.abc import Mapping

CARPALS = ("scaphoid", "lunate", "triquetrum", "pisiform", "trapezium", "trapezoid", "capitate", "hamate")
FINGERS = "12345"
METACARPALS = tuple(f"mc{k}" for k in FINGERS)
PHALANGES = tuple(f"{p}p{k}" for k in FINGERS for p in "pmd" if (p, k) != ("m", "1"))
"""Proximal, middle and distal phalanges: pp1, dp1, pp2, mp2, dp2 …"""
SESAMOIDS = ("sesamoid1", "sesamoid2", "sesamoid3")
HAND = (*CARPALS, *METACARPALS, *PHALANGES, *SESAMOIDS)
LONG = ("humerus", "radius", "ulna")
ALL = (*LONG, *HAND)
NEAR = tuple(n for n in ALL if n[:2] not in ("mp", "dp") or n == "dp1")
"""What a film of the wrist can show: all but the fingers' middle and far phalanges."""

_FOREARM = {"elbow": 1.0}
_HAND = {"elbow": 1.0, "wrist": 1.0}
_THUMB = {**_HAND, "cmc1": 1.0}


def follows(name: str) -> Mapping[str, float]:
    """Return how much a bone, a part of one or a joint moves with each joint: 1 or nothing."""
    first = name.partition(" ")[0]
    if first in ("humerus", "shoulder", "elbow"):
        return {}
    if first in ("radius", "ulna", "radial", "wrist"):
        return _FOREARM
    if first in ("mc1", "mcp1"):
        return _THUMB
    if first.startswith("sesamoid"):
        return _THUMB if first in SESAMOIDS[:2] else _HAND
    if first[:2] in ("pp", "mp", "dp") or first.startswith("tip"):
        finger = first.partition("-")[0][-1]
        return {**(_THUMB if finger == "1" else _HAND), f"mcp{finger}": 1.0}
    return _HAND
