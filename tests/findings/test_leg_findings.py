"""Findings of the leg: which edits they make, and what those do to a film's scene."""

from __future__ import annotations

import numpy as np
import pytest

from fhir2dicom import plugs
from fhir2dicom.anatomy.region import Region
from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import FindingPlan, Person
from fhir2dicom.seed import Seed

PERSON = Person(key="p", sex="M", age_years=60, height_m=1.75, weight_kg=75)
SEEN = {
    # finding: a region and a pose in which it shows
    "ankle-fracture": ("ankle", "ap"),
    "hip-fracture": ("hip", "ap"),
    "femur-fracture": ("femur", "ap"),
    "tibia-fracture": ("lower-leg", "ap"),
    "foot-fracture": ("foot", "dp"),
    "pelvic-fracture": ("pelvis", "ap"),
    "knee-injury": ("knee", "lateral"),
    "patellar-tendon-rupture": ("knee", "lateral"),
    "knee-arthritis": ("knee", "ap"),
    "hip-arthritis": ("hip", "ap"),
    "hip-prosthesis": ("hip", "ap"),
    "knee-prosthesis": ("knee", "ap"),
}


def grown(name: str, severity: float = 0.7, side: str = "R"):
    return plugs.load(Finding)[name].grow(FindingPlan(name, severity, 1.0, side), Seed("p").child(name))


def scene(region: str, pose: str, edits=(), side: str = "R"):
    return plugs.load(Region)[region].build(PERSON, Seed("p"), edits).scene(pose, side)


@pytest.mark.parametrize("name", sorted(SEEN))
def test_a_finding_changes_the_films_of_its_regions_on_its_side(name):
    region, pose = SEEN[name]
    finding = plugs.load(Finding)[name]
    assert region in finding.regions
    assert set(finding.regions) <= set(plugs.load(Region))
    healthy, ill = scene(region, pose), scene(region, pose, grown(name))

    def summary(s):
        return {n: (len(v.vertices), float(v.vertices.sum()), v.weight) for n, v in s.surfaces.items()}

    assert summary(healthy) != summary(ill)
    if region != "pelvis":
        assert (
            summary(scene(region, pose, (), "L")) == summary(scene(region, pose, grown(name), "L"))
            or region == "hip"
        )


def test_a_hip_breaks_at_the_neck_in_some_and_at_the_trochanters_in_others():
    hip = plugs.load(Finding)["hip-fracture"]
    parts = {hip.grow(FindingPlan("hip-fracture", 0.5, 1.0, "R"), Seed(str(k)))[0].part for k in range(20)}
    assert parts == {"femoral neck", "trochanters"}


def test_an_artificial_joint_is_one_hip_or_one_knee():
    joint = plugs.load(Finding)["artificial-joint"]
    parts = [joint.grow(FindingPlan("artificial-joint", 1.0, 1.0, "R"), Seed(str(k))) for k in range(20)]
    assert {len(p) for p in parts} == {1}
    assert {p[0].part for p in parts} == {"hip", "knee"}


def test_metal_is_many_times_denser_than_bone():
    surfaces = scene("knee", "ap", grown("knee-prosthesis")).surfaces
    assert surfaces["tray"].weight > 8 * surfaces["bone"].weight


def test_fluid_fills_a_knee_the_more_the_worse():
    depth = [
        np.ptp(scene("knee", "ap", grown("knee-injury", s)).surfaces["effusion"].vertices[:, 1])
        for s in (0.1, 1.0)
    ]
    assert depth[0] < depth[1]


def test_a_torn_patellar_tendon_is_gone_and_the_patella_stands_high():
    healthy, torn = scene("knee", "ap"), scene("knee", "ap", grown("patellar-tendon-rupture"))
    assert "patellar tendon" in healthy.surfaces
    assert "patellar tendon" not in torn.surfaces
