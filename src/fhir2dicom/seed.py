"""Named randomness: every draw is a function of (root, path of names), never of call order.

No generator of a library is used, because none promises the same stream in its next version:
a draw is BLAKE2b of its name. For noise by the million see `fhir2dicom.noise`, keyed by `Seed.key`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Seed:
    """A root and a path of names; two equal seeds always draw equal values."""

    root: str
    path: tuple[str, ...] = ()

    def child(self, *names: object) -> Seed:
        """Return the seed of something inside this one, e.g. ``seed.child("series", 2)``."""
        return Seed(self.root, self.path + tuple(map(str, names)))

    def digest(self) -> int:
        """Return 128 bits that depend on the root and the path only."""
        text = "\x1f".join((self.root, *self.path))
        return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest())

    def key(self) -> int:
        """Return 63 bits, to key counter-based noise."""
        return self.digest() >> 65

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """Return a draw from [low, high)."""
        return low + (high - low) * (self.digest() >> 75) / (1 << 53)

    def integer(self, count: int) -> int:
        """Return a draw from 0 … count - 1."""
        return self.digest() % count

    def normal(self, mean: float = 0.0, sd: float = 1.0, limit: float = 2.5) -> float:
        """Return a normal draw, cut at ``limit`` standard deviations.

        Rounded to 2⁻³⁰ of a standard deviation, so that mathematics libraries agree on it.
        """
        u = min(max(self.uniform(), 1e-12), 1 - 1e-12)
        z = round(_NORMAL.inv_cdf(u) * (1 << 30)) / (1 << 30)
        return mean + sd * min(max(z, -limit), limit)

    def uid(self) -> str:
        """Return a DICOM UID in the 2.25 (UUID) arc, PS3.5 B.2; at most 44 characters."""
        return f"2.25.{self.digest()}"


def film_side(part: str, patient: Seed) -> Literal["R", "L"]:
    """Return the side of which a patient's films of a part are made where nobody says which: plan and anatomy agree on it."""
    return "L" if patient.child("side", part).uniform() < 0.5 else "R"
