"""The loop that fhir2dicom's interface comes from, as a yardstick: discs and uniform noise, one dataset a file.

Written from the description of that script: for each slice an array of zeros with two discs of random numbers in
it (CT, MR), or random numbers with two ellipses (films), a `FileDataset` filled attribute by attribute with new
UIDs and the time of day, and `save_as`.

usage: python benchmarks/seed_loop.py FOLDER [MODALITY ...]
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

#        slices  rows  columns
SHAPES = {
    "CT": (30, 512, 512),
    "MR": (25, 256, 256),
    "DX": (1, 2048, 2048),
    "CR": (1, 2048, 2048),
    "US": (1, 480, 640),
    "MG": (1, 4096, 3328),
}


def inside(rows: int, columns: int, center: tuple[float, float], radii: tuple[float, float]) -> np.ndarray:
    """Return where an ellipse lies, (rows, columns)."""
    y, x = np.ogrid[:rows, :columns]
    return ((y - center[0]) / radii[0]) ** 2 + ((x - center[1]) / radii[1]) ** 2 <= 1


def picture(modality: str, rows: int, columns: int, k: int) -> np.ndarray:
    """Return slice ``k`` as (rows, columns) uint16."""
    pixels = np.zeros((rows, columns), np.uint16)
    middle = (rows / 2, columns / 2)
    if modality in {"CT", "MR"}:
        radius = min(rows, columns) // 3
        for size, low, high in ((radius, 200, 400), (radius // 2, 300, 600)):
            disc = inside(rows, columns, middle, (size, size))
            pixels[disc] = np.random.randint(low, high, size=disc.sum())
        return (pixels + 5 * k).astype(np.uint16)
    if modality == "US":
        return np.random.randint(50, 200, (rows, columns)).astype(np.uint16)
    pixels[:] = np.random.randint(1500, 2500, (rows, columns))
    for x in (columns / 3, 2 * columns / 3):
        lung = inside(rows, columns, (rows / 2, x), (rows / 4, columns / 8))
        pixels[lung] = np.random.randint(800, 1200, size=lung.sum())
    return pixels


def dataset(path: Path, modality: str, k: int, study: str, series: str, pixels: np.ndarray) -> FileDataset:
    """Return one slice's dataset, with today's date and a new instance UID."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.ImplementationClassUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
    now = dt.datetime.now()  # noqa: DTZ005 -- the script that is measured does so
    made.PatientName, made.PatientID = "Doe^Jane", "123"
    made.PatientBirthDate, made.PatientSex = "19700101", "F"
    made.StudyInstanceUID, made.SeriesInstanceUID = study, series
    made.StudyDate, made.StudyTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
    made.StudyDescription, made.StudyID = "Synthetic study", "1"
    made.SeriesNumber, made.SeriesDescription, made.Modality = 1, modality, modality
    made.SOPClassUID, made.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    made.InstanceNumber = k + 1
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows, made.Columns = pixels.shape
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 0
    made.WindowCenter, made.WindowWidth = "400", "800"
    made.SliceThickness, made.SliceLocation = "5", str(5 * k)
    made.ImagePositionPatient, made.ImageOrientationPatient = [0, 0, 5 * k], [1, 0, 0, 0, 1, 0]
    made.PixelSpacing = [1, 1]
    made.PixelData = pixels.tobytes()
    return made


def study(folder: Path, modality: str) -> None:
    """Write one study of a modality into a folder."""
    slices, rows, columns = SHAPES[modality]
    place = folder / f"series_001_{modality}"
    place.mkdir(parents=True, exist_ok=True)
    study_uid, series_uid = generate_uid(), generate_uid()
    for k in range(slices):
        path = place / f"slice_{k + 1:04d}.dcm"
        pixels = picture(modality, rows, columns, k)
        dataset(path, modality, k, study_uid, series_uid, pixels).save_as(path, enforce_file_format=True)


if __name__ == "__main__":
    for name in sys.argv[2:] or SHAPES:
        study(Path(sys.argv[1]) / f"study_{name}", name)
