"""Hand-built plans and frames: small, complete, no network and no clock."""

from __future__ import annotations

import io

import numpy as np
from pydicom import dcmread

from fhir2dicom.dicom.write import instances
from fhir2dicom.model import (
    Code,
    Frames,
    HumanName,
    Identifier,
    InstancePlan,
    PatientPlan,
    Person,
    Protocol,
    SeriesPlan,
    Shot,
    StudyPlan,
    When,
    Window,
)

SNOMED = "http://snomed.info/sct"
CT, DX, CR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1.1", "1.2.840.10008.5.1.4.1.1.1"
CT_MODULES = ("frame_of_reference", "image_plane", "ct_image", "contrast_bolus")
XRAY = ("x_ray_acquisition_dose", "x_ray_generation")
DX_MODULES = (
    "dx_series",
    "dx_anatomy_imaged",
    "dx_image",
    "dx_detector",
    "dx_positioning",
    "acquisition_context",
    *XRAY,
)
CR_MODULES = ("cr_series", "cr_image", "modality_lut", *XRAY)
MODULES = {CT: CT_MODULES, DX: DX_MODULES, CR: CR_MODULES}
CHEST = Code(SNOMED, "51185008", "Thoracic structure (body structure)")
STARTED = When("20190405", "101112", "+0200")


def patient(**changes):
    known = {
        "id": "a3b5-17",
        "issuer": "https://github.com/synthetichealth/synthea",
        "name": HumanName(family="Hudson301", given=("Ana", "María"), prefix=("Mrs.",)),
        "birth_date": "19610203",
        "sex": "F",
        "other_ids": (
            Identifier("http://hl7.org/fhir/sid/us-ssn", "999-12-3456", "SS"),
            Identifier("urn:oid:2.16.840.1.113883.4.3.25", "S99912345", "DL"),
        ),
    }
    return PatientPlan(**{**known, **changes})


def series(sop_class=CT, number=1, count=3, **changes):
    modality = {CT: "CT", DX: "DX", CR: "CR"}[sop_class]
    protocol = changes.pop("protocol", None) or protocol_of(modality)
    title = changes.pop("title", "Title of this image")
    uids = [InstancePlan(f"1.2.3.{number}.{k}", k, title) for k in range(1, count + 1)]
    known = {
        "uid": f"1.2.3.{number}",
        "number": number,
        "modality": modality,
        "sop_class": sop_class,
        "physics": modality,
        "region": "chest",
        "body_part": "CHEST",
        "body_site": CHEST,
        "laterality": "",
        "frame_of_reference_uid": "1.2.3.99",
        "description": f"{modality} of the chest",
        "started": STARTED,
        "shots": (Shot(protocol, "", count, tuple(uids)),),
        "performers": ("Dr. Jo Ray",),
    }
    return SeriesPlan(**{**known, **changes})


def protocol_of(modality):
    if modality == "CT":
        return Protocol(
            "CT chest", "CT", "chest", 16, 16, 3, pose="arms-up", contrast="portal-venous", kernel="soft"
        )
    return Protocol("Chest PA", modality, "chest", 24, 18, 1, view="PA", pose="upright")


def study(*, series_plans=None, **changes):
    known = {
        "id": "study-1",
        "uid": "1.2.3",
        "seed": "0",
        "patient": patient(),
        "person": Person("key", "F", 58.2, 1.64, 71.3),
        "started": STARTED,
        "study_id": "S-17",
        "accession": "ACC-123",
        "accession_issuer": "urn:oid:1.2.36.1",
        "description": "CT of chest with contrast",
        "procedures": (Code(SNOMED, "16335031000119103", "High resolution computed tomography of chest"),),
        "reasons": (Code(SNOMED, "254637007", "Non-small cell lung cancer (disorder)"),),
        "referrer": "Dr. Aaron Brekke",
        "readers": ("Lee, Min",),
        "institution": "PCP 17 of Boston",
        "department": "Radiology",
        "series": series_plans or (series(),),
    }
    return StudyPlan(**{**known, **changes})


def frames(sop_class=CT, count=3, **changes):
    known = ct_frames(count) if sop_class == CT else film(sop_class)
    return Frames(**{**known, **changes})


def ct_frames(count):
    def render(k):
        return (np.arange(16 * 16, dtype=np.int16).reshape(16, 16) * 3 - 900 + k).astype(np.int16)

    return {
        "count": count,
        "rows": 16,
        "columns": 16,
        "render": render,
        "dtype": np.int16,
        "bits_stored": 16,
        "slope": 1.0,
        "intercept": 0.0,
        "windows": (Window(40, 400, "SOFT TISSUE"), Window(-600, 1500, "LUNG")),
        "attributes": {
            "KVP": 120,
            "SliceThickness": 2.5,
            "PixelSpacing": (0.7421875, 0.7421875),
            "ImageOrientationPatient": (1, 0, 0, 0, 1, 0),
            "XRayTubeCurrent": 210,
            "ExposureTime": 500,
        },
        "frame_attributes": lambda k: {
            "ImagePositionPatient": (-190.0 + 0.1, -190.0 / 3, 2.5 * k - 100.0),
            "SliceLocation": 2.5 * k - 100.0,
        },
    }


def film(sop_class):
    def render(k):
        return np.arange(24 * 18, dtype=np.uint16).reshape(24, 18) * np.uint16(7)

    own = {"DetectorType": "SCINTILLATOR"} if sop_class == DX else {"PlateType": "Phosphor"}
    return {
        "count": 1,
        "rows": 24,
        "columns": 18,
        "render": render,
        "dtype": np.uint16,
        "bits_stored": 14,
        "windows": (Window(8000, 12000, "NORMAL"),),
        "attributes": {"KVP": 110, "ImagerPixelSpacing": (0.143, 0.143), "ExposureTime": 10, **own},
    }


def three_series():
    """Return a study of a CT of three slices, a digital film and a plate."""
    return study(series_plans=(series(CT, 1, 3), series(DX, 2, 1), series(CR, 3, 1)))


def make(plan, **changes):
    """Return all instances of a plan, in order."""
    return [
        instance
        for planned in plan.series
        for instance in instances(
            plan,
            planned,
            planned.shots[0],
            MODULES[planned.sop_class],
            frames(planned.sop_class, len(planned.shots[0].instances), **changes),
            first=1,
        )
    ]


def raw(instance):
    return instance.header + bytes(instance.pixels)


def read(instance):
    return dcmread(io.BytesIO(raw(instance)))


def write(folder, plan):
    """Write a plan's instances and return their paths."""
    paths = []
    for instance in make(plan):
        path = folder / f"{instance.series_number}-{instance.ordinal}.dcm"
        path.write_bytes(raw(instance))
        paths.append(path)
    return paths
