"""Radiography under its DICOM names: DX from flat detectors, CR from plates."""

from __future__ import annotations

from fhir2dicom.physics.modality import Iod, Modality
from fhir2dicom.physics.xray import acquire

DX = Modality(
    name="DX",
    aliases=("DX", "CR", "XR", "RG"),
    iods=(
        Iod(
            "1.2.840.10008.5.1.4.1.1.1.1",
            "DX",
            (
                "dx_series",
                "dx_anatomy_imaged",
                "dx_image",
                "dx_detector",
                "dx_positioning",
                "x_ray_acquisition_dose",
                "x_ray_generation",
                "voi_lut",
                "acquisition_context",
            ),
        ),
        Iod(
            "1.2.840.10008.5.1.4.1.1.1",
            "CR",
            (
                "cr_series",
                "cr_image",
                "x_ray_acquisition_dose",
                "x_ray_generation",
                "voi_lut",
                "modality_lut",
            ),
        ),
    ),
    regions=("chest",),
    acquire=acquire,
)
