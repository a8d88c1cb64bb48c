"""A still of fluoroscopy: the labels' CT numbers, averaged from front to back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Body, Frames, Shot, Window
from fhir2dicom.physics.modality import Iod, Modality
from fhir2dicom.seed import Seed


def acquire(body: Body, shot: Shot, seed: Seed) -> Frames:
    """Return stills that differ in nothing: (rows, columns), 12 bits."""
    del seed
    volume = body.volume()
    hu = np.array([tissue.hu for tissue in volume.tissues], np.float64)[volume.labels].mean(axis=1)[::-1]
    pixels: npt.NDArray[np.uint16] = np.clip(np.rint(2 * hu + 2048), 0, 4095).astype(np.uint16)
    return Frames(
        count=shot.frames,
        rows=pixels.shape[0],
        columns=pixels.shape[1],
        render=lambda _: pixels,
        dtype=np.uint16,
        bits_stored=12,
        windows=(Window(2048.0, 2000.0),),
        attributes={"ImageType": ("DERIVED", "PRIMARY"), "ConversionType": "SYN"},
    )


RF = Modality("RF", ("RF",), (Iod("1.2.840.10008.5.1.4.1.1.7", "RF", ()),), ("chest",), acquire)
