"""A mammogram as DICOM: the modules that only it has, and the real verifier."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hand_built import SNOMED, STARTED, read, series, study

from fhir2dicom.anatomy.breast import BREAST
from fhir2dicom.dicom.validate import objects
from fhir2dicom.dicom.write import instances
from fhir2dicom.model import Code, InstancePlan, Person, Protocol, Shot
from fhir2dicom.physics.mg import MG
from fhir2dicom.seed import Seed

SHOWN, RAW = (i.sop_class for i in MG.iods)
WOMAN = Person("slim", "F", 44.0, 1.66, 58.0)


def made(view, side, sop_class=SHOWN):
    settings = {"for_processing": 1.0} if sop_class == RAW else {}
    protocol = Protocol(f"MG {side} {view}", "MG", "breast", 4096, 3328, view=view, settings=settings)
    shot = Shot(protocol, side, 1, (InstancePlan("1.2.3.4", 1),))
    planned = replace(
        series(), modality="MG", sop_class=sop_class, physics="MG", region="breast", body_part="BREAST",
        body_site=Code(SNOMED, "181131000", "Entire breast"), laterality=side, started=STARTED, shots=(shot,),
    )  # fmt: skip
    plan = study(series_plans=(planned,))
    frames = MG.acquire(BREAST.build(WOMAN, Seed("root"), ()), shot, Seed("noise"))
    modules = next(i.modules for i in MG.iods if i.sop_class == sop_class)
    return next(iter(instances(plan, planned, shot, modules, frames, first=1)))


@pytest.mark.parametrize(
    ("view", "side", "orientation", "code"),
    [
        ("CC", "L", ["A", "R"], "399162004"),
        ("CC", "R", ["P", "L"], "399162004"),
        ("MLO", "L", ["A", "FR"], "399368009"),
        ("MLO", "R", ["P", "FL"], "399368009"),
        ("ML", "R", ["P", "F"], "399260004"),
    ],
)
def test_view_side_and_orientation_agree(view, side, orientation, code):
    dataset = read(made(view, side))
    assert dataset.ImageLaterality == side
    assert list(dataset.PatientOrientation) == orientation
    assert dataset.ViewCodeSequence[0].CodeValue == code
    assert dataset.AnatomicRegionSequence[0].CodeValue == "76752008"
    assert dataset.PresentationIntentType == "FOR PRESENTATION"


def test_what_the_machine_reports_agrees_with_itself():
    dataset = read(made("MLO", "L"))
    assert dataset.PositionerPrimaryAngle == 45
    assert abs(dataset.ExposureTime * dataset.XRayTubeCurrent / 1000 - dataset.ExposureInuAs / 1000) < 1
    ratio = dataset.DistanceSourceToDetector / dataset.DistanceSourceToPatient
    assert abs(ratio - dataset.EstimatedRadiographicMagnificationFactor) < 1e-3
    assert len(dataset.WindowCenter) == len(dataset.WindowCenterWidthExplanation) == 3
    assert 0.005 < dataset.OrganDose < 0.04


def test_a_raw_film_says_so_and_has_no_window():
    dataset = read(made("CC", "L", RAW))
    assert dataset.PresentationIntentType == "FOR PROCESSING"
    assert dataset.PixelIntensityRelationship == "LIN"
    assert "WindowCenter" not in dataset


@pytest.mark.needs("dciodvfy")
@pytest.mark.parametrize("sop_class", [SHOWN, RAW])
def test_the_verifier_finds_no_error(tmp_path, sop_class):
    instance = made("MLO", "R", sop_class)
    path = tmp_path / "one.dcm"
    path.write_bytes(instance.header + bytes(instance.pixels))
    assert [c for c in objects([path], workers=1) if c.level == "error"] == []
