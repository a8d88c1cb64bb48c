"""The 26 kinds of tooth as contours, read from the atlas; `atlas/build_teeth.py` says how they were made."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from fhir2dicom.anatomy.tooth_tables import KINDS
from fhir2dicom.model.mouth import Solid

_UNIT_MM = 0.01


@cache
def solids() -> Mapping[str, Solid]:
    """Return every kind by name, in the axes of `model.mouth`."""
    path = files("fhir2dicom.anatomy") / "atlas" / "teeth.npz"
    with path.open("rb") as stream, np.load(stream) as arrays:
        return {name: _solid(name, arrays) for name in KINDS}


def _solid(name: str, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Solid:
    row, heights = KINDS[name], arrays[f"{name}.heights"]
    steps = np.diff(heights)
    points = np.asarray(arrays[f"{name}.points"], np.float32) * np.float32(_UNIT_MM)
    reach = np.abs(points).max(0)
    return Solid(
        name=name,
        points=points,
        first=arrays[f"{name}.first"].astype(np.int32),
        plane=arrays[f"{name}.plane"].astype(np.int32),
        layer=arrays[f"{name}.layer"].astype(np.uint8),
        heights=heights.astype(np.float32),
        split=int(np.flatnonzero(steps < 0.1)[0]),
        crown_mm=row.crown_mm,
        root_mm=row.root_mm,
        width_mm=row.width_mm,
        neck_width_mm=row.neck_width_mm,
        depth_mm=row.depth_mm,
        reach_mm=(float(reach[0]), float(reach[1])),
    )
