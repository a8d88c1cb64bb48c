"""Pixels and their meaning: what `physics` gives and `dicom` writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.int16] | npt.NDArray[np.uint16]
"""One frame: (rows, columns), or (rows, columns, 3) in colour; C-contiguous."""

Attributes = Mapping[str, object]
"""DICOM keywords (PS3.6) with values as pydicom takes them; a sequence is a tuple of Attributes."""


@dataclass(frozen=True, slots=True)
class Window:
    """A grey window in output units (HU for CT) and its name."""

    center: float
    width: float
    name: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Frames:
    """An acquisition whose frames are made one at a time, when asked for, in any order.

    A film is one frame, a volume a stack, a cine a sequence in time, a photograph a frame in colour:
    they differ in ``count``, in the shape of a frame and in their attributes, nowhere else.
    ``render(k)`` depends on k only, so a server can make frame 17 alone and a writer can stream
    500 slices through one buffer's worth of memory.
    """

    count: int
    rows: int
    columns: int
    render: Callable[[int], Pixels]
    dtype: type[np.uint8 | np.int16 | np.uint16]
    bits_stored: int
    photometric: str = "MONOCHROME2"
    slope: float = 1.0
    intercept: float = 0.0
    windows: tuple[Window, ...] = ()
    attributes: Attributes = field(default_factory=dict)
    """The same for every frame: exposure, spacing, orientation …"""
    frame_attributes: Callable[[int], Attributes] = field(default=lambda _: {})
    """What changes from frame to frame: Image Position (Patient), Slice Location …"""


@dataclass(frozen=True, eq=False, slots=True)
class Instance:
    """One Part 10 file in two pieces: everything up to the pixel bytes, and the pixel bytes."""

    uid: str
    sop_class: str
    series_uid: str
    study_uid: str
    series_number: int
    modality: str
    ordinal: int
    """1, 2 … in the series; names the file."""
    header: bytes
    pixels: bytes | memoryview
