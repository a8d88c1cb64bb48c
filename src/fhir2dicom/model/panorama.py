"""What a machine that turns about the head sees: jaws, teeth and the curve along which they are in focus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fhir2dicom.model.mouth import Mouth, Space, Tooth

F32 = npt.NDArray[np.float32]
Meshes = tuple[tuple[F32, npt.NDArray[np.int32], float], ...]
"""Closed surfaces: vertices (n, 3) mm, triangles (m, 3), attenuation inside less outside, relative to water."""


@dataclass(frozen=True, eq=False, slots=True)
class Standing:
    """One tooth in the patient, wherever its jaw has taken it."""

    tooth: Tooth
    at: F32
    """(3,): the middle of its neck, mm."""
    tip: F32
    """(3,): 10 mm from there towards the cusps."""


@dataclass(frozen=True, eq=False, slots=True)
class Panorama:
    """Jaws and face with the chin lowered until the bite is nearly level; LPS, mm."""

    mouth: Mouth
    teeth: tuple[Standing, ...]
    ridges: tuple[tuple[Space, F32], ...]
    """Where necks of lost teeth were: (3,), mm."""
    jaw: Meshes
    face: Meshes
    arch: F32
    """(points, 2): x and y of the middle of the layer in focus, from behind the right ramus round to behind the left one."""
    lines: Mapping[str, F32]
    """Way of what has no mesh, (points, 3) mm: ``canal_r``, ``canal_l``, ``palate``, ``hyoid``, ``spine``, ``ear_r``, ``ear_l``."""
