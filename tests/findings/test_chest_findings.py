"""Findings of the chest: what the record says is in the picture, as much of it as it says, on the side that it says."""

from __future__ import annotations

import numpy as np
import pytest

from fhir2dicom import plugs
from fhir2dicom.anatomy import bone
from fhir2dicom.anatomy.chest import chest
from fhir2dicom.anatomy.tissues import LABEL
from fhir2dicom.anatomy.torso import Torso, atlas
from fhir2dicom.findings.finding import Finding
from fhir2dicom.model import Edit, FindingPlan, Laterality, Person, Shape, Surface
from fhir2dicom.seed import Seed

SEED = Seed("chest findings").child("patient", "a")
MAN = Person("a", "M", 58.0, 1.76, 80.0)


def grown(
    name: str, severity: float = 0.7, days: float = 3.0, side: Laterality = "R"
) -> tuple[Shape | Edit, ...]:
    plan = FindingPlan(name, severity, days, side)
    return tuple(plugs.load(Finding)[name].grow(plan, SEED.child("finding", name)))


def body(*names: str, severity: float = 0.7, days: float = 3.0) -> Torso:
    return chest(MAN, SEED, [g for n in names for g in grown(n, severity, days)])


def volume_ml(surface: Surface) -> float:
    return bone.volume_mm3(surface.vertices, surface.triangles) / 1000


def heart_width(torso: Torso) -> float:
    labels = atlas().labels
    k, j, i = np.nonzero(np.isin(labels, [LABEL[n] for n in ("left_heart", "right_heart", "myocardium")]))
    points = (np.stack([i, j, k], 1)[::97] + np.array(atlas().origin)).astype(np.float32)
    return float(np.ptp(torso.warp.to_patient(points)[:, 0]))


def test_a_failing_heart_is_wider_the_worse_it_is() -> None:
    widths = [heart_width(body())] + [heart_width(body("heart-failure", severity=s)) for s in (0.4, 0.95)]
    assert widths[0] * 1.05 < widths[1] < widths[2]


def test_congestion_widens_the_upper_vessels_most_and_draws_septal_lines() -> None:
    plain, wet = body().scene("arms-down").tubes, body("heart-failure", severity=0.9).scene("arms-down").tubes
    assert "septa" in wet
    assert "septa" not in plain
    vessels = plain["vessels"]
    ratio = wet["vessels"].start_radius_mm / vessels.start_radius_mm
    high = vessels.start[:, 2] > np.quantile(vessels.start[:, 2], 0.9)
    low = vessels.start[:, 2] < np.quantile(vessels.start[:, 2], 0.2)
    assert ratio[high].mean() > 1.3 * ratio[low].mean()


@pytest.mark.parametrize("pose", ["arms-down", "arms-up", "supine"])
def test_fluid_is_on_its_side_grows_with_severity_and_lies_lowest(pose: str) -> None:
    made = []
    for severity in (0.2, 0.8):
        torso = chest(MAN, SEED, grown("pleural-effusion", severity, side="L"))
        (fluid,) = (s for n, s in torso.scene(pose).surfaces.items() if n.startswith("effusion"))
        lung = torso.scene(pose).surfaces["lung_l"].vertices
        assert fluid.vertices[:, 0].mean() > 20
        assert fluid.vertices[:, 2].min() == pytest.approx(lung[:, 2].min(), abs=0.1)
        made.append(volume_ml(fluid))
    assert 20 < made[0] < made[1] < 3000


def test_fluid_shows_in_sections_too() -> None:
    plain, wet = body().volume().labels, body("pleural-effusion").volume().labels
    assert np.count_nonzero(wet == LABEL["fluid"]) > np.count_nonzero(plain == LABEL["fluid"]) + 20_000


def test_emphysema_lengthens_the_lungs_and_lowers_the_domes() -> None:
    def lungs(torso: Torso) -> tuple[float, float]:
        surfaces = torso.scene("arms-down").surfaces
        height = np.ptp(surfaces["lung_r"].vertices[:, 2])
        dome = torso.warp.to_patient(np.array([(-65.0, 150.0, 150.0)], np.float32))[0, 2]
        return float(height), float(dome)

    plain, blown = lungs(body()), lungs(body("emphysema", severity=0.9, days=4000.0))
    assert blown[0] > plain[0] + 5
    assert blown[1] < plain[1] - 6


def test_pneumonia_fills_lung_and_clears_in_six_weeks() -> None:
    def filled(days: float) -> int:
        return int(np.count_nonzero(body("pneumonia", days=days).volume().labels == LABEL["consolidation"]))

    assert filled(3) > filled(25) > filled(60) == 0


def test_pneumonia_is_the_same_lump_in_film_and_section() -> None:
    torso = body("pneumonia")
    surfaces = torso.scene("arms-down").surfaces
    lumps = [s for n, s in surfaces.items() if n.startswith("finding")]
    assert len(lumps) == len(torso.shapes)
    assert all(s.weight > 0 for s in lumps)


def test_covid_is_on_both_sides_worst_about_the_eleventh_day() -> None:
    def patches(days: float) -> list[Shape]:
        return [g for g in grown("ground-glass", 0.9, days) if isinstance(g, Shape)]

    worst = patches(11)
    assert min(p.center_mm[0] for p in worst) < 0 < max(p.center_mm[0] for p in worst)
    assert len(patches(1)) < len(worst) > len(patches(50))


def test_a_curved_spine_bends_aside_in_the_middle_of_the_chest() -> None:
    points = np.array([(0.0, 240.0, z) for z in (30.0, 205.0, 320.0)], np.float32)
    plain, bent = (t.warp.to_patient(points)[:, 0] for t in (body(), body("scoliosis", severity=0.9)))
    moved = bent - plain
    assert abs(moved[1]) > 15
    assert abs(moved[2]) < 0.35 * abs(moved[1])
    assert moved[0] * moved[1] < 0


def test_a_tube_is_there_on_the_days_of_the_ventilator_only() -> None:
    assert grown("intubation", days=1.0)
    assert [e.part for e in grown("intubation", days=3.0)] == ["central-line"]
    assert grown("intubation", days=400.0) == ()


def test_a_broken_rib_is_moved_matter() -> None:
    """The break parts the bone and neither adds to it nor takes from it."""
    edit = Edit("fracture", "rib_07_l", key=11)
    plain, hurt = (chest(MAN, SEED, g).scene("arms-down").surfaces["bone"] for g in ((), (edit,)))
    assert len(hurt.triangles) > len(plain.triangles)
    assert volume_ml(hurt) == pytest.approx(volume_ml(plain), rel=2e-3)


def test_findings_of_operations_know_what_synthea_writes() -> None:
    known = {code for f in plugs.load(Finding).values() for code in f.snomed}
    assert {"399261000", "359672006", "232717009", "418824004", "1231000119100", "415070008", "52765003", "65677008",
            "88805009", "87433001", "185086009", "360064003", "233174007", "298382003"} <= known  # fmt: skip


def test_a_lung_that_has_collapsed_is_smaller_than_its_side_of_the_chest_and_its_vessels_are_in_it() -> None:
    torso = chest(MAN, SEED, grown("pneumothorax", 0.8, side="L"))
    scene = torso.scene("arms-down")
    whole, sunk = scene.surfaces["lung_l"], scene.surfaces["lung_l_sunk"]
    assert volume_ml(sunk) < 0.8 * volume_ml(whole)
    assert whole.weight < scene.surfaces["lung_r"].weight < 0 < sunk.weight
    plain = chest(MAN, SEED, ()).scene("arms-down").tubes["vessels"].start
    moved = scene.tubes["vessels"].start
    left = plain[:, 0] > 40
    assert np.ptp(moved[left][:, 2]) < 0.9 * np.ptp(plain[left][:, 2])
    right = plain[:, 0] < -40
    assert np.array_equal(moved[right], plain[right])


@pytest.mark.parametrize(
    "names",
    [
        ("heart-failure",),
        ("emphysema",),
        ("scoliosis", "heart-failure"),
        ("emphysema", "scoliosis"),
        ("emphysema", "heart-failure"),
    ],
)
def test_the_worst_chest_can_still_be_found_back_in_the_atlas(names: tuple[str, ...]) -> None:
    """No fold: sections and films are one body whatever is wrong with it."""
    torso = body(*names, severity=1.0, days=6000.0)
    x, y, z = np.meshgrid(np.arange(-110, 111, 20), np.arange(80, 281, 20), np.arange(20, 321, 20))
    points = np.stack([x.ravel(), y.ravel(), z.ravel()], 1).astype(np.float32)
    back = torso.warp.to_atlas(torso.warp.to_patient(points))
    assert float(np.abs(back - points).max()) < 1.0
