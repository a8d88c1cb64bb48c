from __future__ import annotations

import numpy as np
import pytest

from fhir2dicom import plugs
from fhir2dicom.anatomy.region import Region
from fhir2dicom.anatomy.tissues import LABEL, TABLE, of_person
from fhir2dicom.anatomy.torso import atlas, build
from fhir2dicom.anatomy.vessels import HILA, VARIANTS, tree, vascular
from fhir2dicom.model import Person, Shape
from fhir2dicom.seed import Seed

MAN = Person("man", "M", 40.0, 1.78, 76.0)
LUNGS = ("lung", "fissure", "lung_vessel_1", "lung_vessel_2", "lung_vessel_3", "lung_vessel_4")


def litres(labels: np.ndarray, *names: str) -> float:
    return float(np.isin(labels, [LABEL[n] for n in names]).sum()) * 1e-6


def test_labels_index_the_tissue_table() -> None:
    assert atlas().labels.max() < len(TABLE)
    assert [t.name for t in TABLE] == list(LABEL)


def test_labels_are_compact_and_cannot_be_written_to() -> None:
    labels = build(MAN, Seed("s"), (), (44.0, 328.0)).volume().labels
    assert labels.dtype == np.uint8
    assert labels.flags.c_contiguous
    assert not labels.flags.writeable


# liver, spleen, kidneys: Prassopoulos, Acta Radiol 1997; heart: ICRP 89 (with blood); lungs: CT at full breath
@pytest.mark.parametrize(
    ("names", "low", "high"),
    [
        (LUNGS, 3.2, 5.5),
        (("liver", "liver_vessel"), 0.9, 1.9),
        (("spleen",), 0.08, 0.3),
        (("kidney_cortex", "kidney_medulla"), 0.12, 0.42),
        (("left_heart", "right_heart", "myocardium"), 0.33, 0.85),
        (("pancreas",), 0.04, 0.12),
        (("spinal_cord",), 0.015, 0.06),
        (("aorta",), 0.08, 0.25),
    ],
)
def test_organs_have_the_size_of_organs(names: tuple[str, ...], low: float, high: float) -> None:
    labels = build(MAN, Seed("s"), (), (2.0, 328.0)).volume().labels
    assert low < litres(labels, *names) < high


def test_the_donors_mass_is_gone() -> None:
    """Deep in the lung there is nothing but lung and fissure, before vessels are put in."""
    labels = atlas().labels
    at = np.array([58.8, 259.0, 223.0]) - np.array(atlas().origin)  # where it was, mm
    k, j, i = np.ogrid[: labels.shape[0], : labels.shape[1], : labels.shape[2]]
    near = (i - at[0]) ** 2 + (j - at[1]) ** 2 + (k - at[2]) ** 2 < 11**2
    assert np.isin(labels[near], [LABEL["lung"], LABEL["fissure"]]).all()


@pytest.mark.parametrize("number", range(VARIANTS))
def test_no_vessel_in_the_lung_is_as_wide_as_a_mass(number: int) -> None:
    labels = vascular(atlas().labels, atlas().origin, number)
    full = labels >= LABEL["lung_vessel_3"]
    for trunk in HILA:  # the trunks at the hila are 10 to 16 mm wide
        for x, y, z, _ in trunk:
            k, j, i = (int(a - o) for a, o in zip((z, y, x), atlas().origin[::-1], strict=True))
            full[k - 9 : k + 10, j - 9 : j + 10, i - 9 : i + 10] = False
    summed = np.cumsum(np.cumsum(np.cumsum(full, 0, dtype=np.int32), 1, dtype=np.int32), 2, dtype=np.int32)
    n = 11
    box = (
        summed[n:, n:, n:] - summed[:-n, n:, n:] - summed[n:, :-n, n:] - summed[n:, n:, :-n]
        + summed[:-n, :-n, n:] + summed[:-n, n:, :-n] + summed[n:, :-n, :-n] - summed[:-n, :-n, :-n]
    )  # fmt: skip
    assert box.max() < 0.75 * n**3


def test_vessels_reach_the_outer_third_and_taper() -> None:
    vessels = tree(Seed("s").child("patient", "a"))
    assert np.all(vessels.end_radius_mm <= vessels.start_radius_mm * 1.06 + 0.05)
    assert vessels.start_radius_mm.max() > 2.5
    right = vessels.end[vessels.end[:, 0] < 0]
    lung = np.argwhere(atlas().labels == LABEL["lung"])[:, ::-1] + np.array(atlas().origin)
    assert right[:, 0].min() < lung[:, 0].min() + 12


def test_two_patients_may_have_different_trees_and_one_always_the_same() -> None:
    trees = {id(tree(Seed("s").child("patient", n))) for n in range(20)}
    assert len(trees) == VARIANTS
    assert tree(Seed("s")) is tree(Seed("s"))


def test_a_finding_is_in_the_labels_and_leaves_the_shared_atlas_alone() -> None:
    shape = Shape("tumour", (-77.0, 200.0, 190.0), (15.0, 15.0, 15.0), LUNGS, roughness=0.15, key=3)
    body = build(MAN, Seed("s"), (shape,), (44.0, 328.0))
    assert litres(body.volume().labels, "tumour") == pytest.approx(4 / 3 * np.pi * 15**3 * 1e-6, rel=0.02)
    assert not (build(MAN, Seed("s"), (), (44.0, 328.0)).volume().labels == LABEL["tumour"]).any()


def test_bone_loses_mineral_with_age() -> None:
    young, old = (of_person(Person("p", "F", a, 1.6, 60.0))[LABEL["trabecular"]].hu for a in (25.0, 85.0))
    assert young > old + 100


def test_men_have_fat_where_women_have_breast_glands() -> None:
    gland = LABEL["breast_gland"]
    assert of_person(MAN)[gland].hu == TABLE[LABEL["fat"]].hu
    assert of_person(Person("w", "F", 30.0, 1.65, 60.0))[gland].hu > -60


@pytest.mark.parametrize("name", ["chest", "abdomen", "chest-abdomen"])
def test_a_region_builds_a_body_with_a_field_in_millimetres(name: str) -> None:
    body = plugs.load(Region)[name].build(MAN, Seed("s"), ())
    size = [h - low for low, h in zip(body.field.low, body.field.high, strict=True)]
    assert 300 < size[0] < 480
    assert 200 < size[1] < 380
    assert 150 < size[2] < 380
    assert body.person == MAN


def test_no_code_means_two_regions_of_the_torso() -> None:
    regions = [plugs.load(Region)[n] for n in ("chest", "abdomen", "chest-abdomen")]
    codes = [c for r in regions for c in r.snomed]
    assert len(codes) == len(set(codes))
