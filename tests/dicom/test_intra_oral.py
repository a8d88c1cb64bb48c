"""An intra-oral film as DICOM: the modules that only it has, and the real verifier."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hand_built import SNOMED, STARTED, read, series, study

from fhir2dicom.anatomy.mouth import MOUTH
from fhir2dicom.dicom.validate import objects
from fhir2dicom.dicom.write import instances
from fhir2dicom.model import Code, InstancePlan, Person, Protocol, Shot
from fhir2dicom.physics.io import IO
from fhir2dicom.seed import Seed

SHOWN, RAW = (i.sop_class for i in IO.iods)


def made(view="BITEWING", tooth=46, side="R", sop_class=SHOWN, age=44.0):
    settings = {"tooth": float(tooth), "kvp": 65.0, "ma": 7.0, "seconds": 0.16, "sid_mm": 300.0}
    settings |= {"for_processing": 1.0} if sop_class == RAW else {}
    rows, columns = (1500, 1080) if view != "BITEWING" and tooth % 10 < 4 else (1080, 1500)
    protocol = Protocol("x", "IO", "mouth", rows, columns, view=view, settings=settings)
    shot = Shot(protocol, side, 1, (InstancePlan("1.2.3.4", 1),))
    planned = replace(
        series(), modality="IO", sop_class=sop_class, physics="IO", region="mouth", body_part="MOUTH",
        body_site=Code(SNOMED, "700016008", "Internal part of mouth"), laterality=side, started=STARTED, shots=(shot,),
    )  # fmt: skip
    plan = study(series_plans=(planned,))
    frames = IO.acquire(
        MOUTH.build(Person("one", "F", age, 1.66, 58.0), Seed("root"), ()), shot, Seed("noise")
    )
    modules = next(i.modules for i in IO.iods if i.sop_class == sop_class)
    return next(iter(instances(plan, planned, shot, modules, frames, first=1)))


@pytest.mark.parametrize(
    ("tooth", "side", "orientation", "shown"),
    [(46, "R", ["A", "F"], "R"), (46, "L", ["P", "F"], "L"), (11, "", ["L", "F"], "B")],
)
def test_side_and_orientation_agree(tooth, side, orientation, shown):
    dataset = read(made("PERIAPICAL", tooth, side))
    assert dataset.Modality == "IO"
    assert dataset.ImageLaterality == shown
    assert list(dataset.PatientOrientation) == orientation
    assert dataset.PositionerType == "NONE"


def test_the_teeth_imaged_are_coded_and_the_region_is_of_the_dental_kind():
    dataset = read(made("PERIAPICAL", 16, age=16.0))
    assert dataset.AnatomicRegionSequence[0].CodeMeaning == "Maxilla"
    codes = [i.CodeValue for i in dataset.PrimaryAnatomicStructureSequence]
    assert codes[0] == "865995000"
    assert "AnatomicRegionModifierSequence" not in dataset.AnatomicRegionSequence[0]


def test_a_raw_film_is_linear_and_has_no_window():
    shown, raw = read(made()), read(made(sop_class=RAW))
    assert (shown.PresentationIntentType, raw.PresentationIntentType) == (
        "FOR PRESENTATION",
        "FOR PROCESSING",
    )
    assert "WindowCenter" not in raw
    assert raw.PixelIntensityRelationship == "LIN"
    a, b = (d.pixel_array.astype(float).ravel()[::97] for d in (shown, raw))
    assert ((a - a.mean()) * (b - b.mean())).mean() / (a.std() * b.std()) < -0.8


@pytest.mark.needs("dciodvfy")
@pytest.mark.parametrize("sop_class", [SHOWN, RAW])
@pytest.mark.parametrize(("view", "tooth", "age"), [("BITEWING", 46, 44.0), ("PERIAPICAL", 11, 9.0)])
def test_the_verifier_finds_no_error(tmp_path, sop_class, view, tooth, age):
    instance = made(view, tooth, sop_class=sop_class, age=age)
    path = tmp_path / "a.dcm"
    path.write_bytes(instance.header + bytes(instance.pixels))
    assert [c for c in objects([path], workers=1) if c.level == "error"] == []
