"""What findings do to vertebrae of the trunk: a body that has lost height in front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from fhir2dicom.anatomy.bone import F32, Bone
from fhir2dicom.model import Edit

NUMBERS: Mapping[str, int] = {
    **{f"T{k}": 44 - k for k in range(1, 13)},
    **{f"L{k}": 32 - k for k in range(1, 4)},
}
"""Vertebra → its number in the meshes of the trunk's atlas."""

_DEEP_MM = 30.0
"""From the front of a vertebral body to its back wall, at most."""


def compressed(bones: Mapping[str, Bone], edits: Sequence[Edit]) -> dict[str, Bone]:
    """Return bones by name with the compressed bodies of the edits in them; all that lies above sinks and leans forward no more.

    Of an edit of kind ``compression``: ``part`` is ``vertebra_T12``, ``numbers["loss"]`` the share of the front's height lost.
    Both faces of the cortex follow one map, so the bone is squeezed, not cut: its mass per area grows as it does in life.
    """
    out = dict(bones)
    for edit in edits:
        number = NUMBERS.get(edit.part.removeprefix("vertebra_"))
        name = f"vertebra_{number}"
        if edit.kind != "compression" or name not in out:
            continue
        whole = out[name]
        out[name] = replace(
            whole,
            vertices=_sunk(whole.vertices, whole.vertices, edit),
            inner=_sunk(whole.inner, whole.vertices, edit),
        )
    return out


def _sunk(points: F32, outer: F32, edit: Edit) -> F32:
    """Return points of a vertebra with the upper end plate sunk: most in front, nothing behind the body."""
    front = float(outer[:, 1].min())
    body = outer[(outer[:, 1] < front + 20.0)]
    low, high = float(body[:, 2].min()), float(body[:, 2].max())
    along = np.clip((points[:, 1] - front) / _DEEP_MM, 0, 1)
    height = np.clip((points[:, 2] - low) / max(high - low, 1.0), 0, 1.2)
    loss = edit.numbers.get("loss", 0.3)
    out = points.copy()
    out[:, 2] -= ((1 - along * along) * height * np.float32(loss * (high - low))).astype(np.float32)
    bulge = (1 - along) * (1 - along) * height * (1 - np.minimum(height, 1)) * np.float32(8.0 * loss)
    out[:, 1] -= bulge.astype(np.float32)
    return out
