from __future__ import annotations

import numpy as np
import pytest

from fhir2dicom.anatomy.mouth import MOUTH, build
from fhir2dicom.anatomy.tooth import solids
from fhir2dicom.anatomy.tooth_tables import KINDS, designation, number
from fhir2dicom.errors import PlanError
from fhir2dicom.model import Edit, Mouth, Person
from fhir2dicom.model.mouth import CORE, LAMINA, LIGAMENT, OUTER, PULP
from fhir2dicom.seed import Seed


def mouth(who: str = "anna", age: float = 40.0, *grown: Edit, sex: str = "F") -> Mouth:
    person = Person(who, sex, age, 1.65, 65.0)  # type: ignore[arg-type]
    return build(person, Seed("seed").child("patient", who), grown).mouth()


def area(xy: np.ndarray) -> float:
    x, y = xy.T.astype(np.float64)
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_solid_is_as_wide_and_as_long_as_the_table_says(name: str) -> None:
    solid, row = solids()[name], KINDS[name]
    outer = [c for c in range(len(solid.plane)) if solid.layer[c] == OUTER]
    crown = [c for c in outer if solid.heights[solid.plane[c]] > 0.3]
    points = np.concatenate([solid.points[solid.first[c] : solid.first[c + 1]] for c in crown])
    assert points[:, 0].max() - points[:, 0].min() == pytest.approx(row.width_mm, rel=0.09)
    assert points[:, 1].max() - points[:, 1].min() == pytest.approx(row.depth_mm, rel=0.09)
    heights = solid.heights[solid.plane[outer]]
    assert heights.max() == pytest.approx(row.crown_mm, abs=0.75)
    assert -heights.min() == pytest.approx(row.root_mm, abs=0.9)


@pytest.mark.parametrize("name", ["U1", "U6", "L4", "L6", "u5", "l5"])
def test_layers_lie_in_one_another(name: str) -> None:
    solid = solids()[name]
    total = dict.fromkeys(range(8), 0.0)
    for c in range(len(solid.plane)):
        if -2.0 < solid.heights[solid.plane[c]] < 0.5:
            total[int(solid.layer[c])] += area(solid.points[solid.first[c] : solid.first[c + 1]])
    assert total[LAMINA] > total[LIGAMENT] > total[OUTER] > 0.95 * total[CORE] > 0
    assert total[OUTER] > total[PULP] >= total[PULP + 3] > 0


def test_designations_are_read_and_written() -> None:
    assert [number(f) for f in (11, 28, 36, 55, 84)] == ["U1", "U8", "L6", "u5", "l4"]
    assert designation("L6", right=True) == 46
    assert designation("u5", right=False) == 65


def test_a_child_of_three_has_twenty_milk_teeth_and_buds_below() -> None:
    teeth = mouth("child", 3.2).teeth
    assert sum(t.primary for t in teeth) == 20
    assert all(t.erupted < 0.5 for t in teeth if not t.primary)


def test_a_child_of_eight_has_both_kinds() -> None:
    there = [t for t in mouth("child", 8.5).teeth if t.erupted > 0.8]
    assert any(t.primary for t in there)
    assert {16, 26, 36, 46} <= {t.fdi for t in there}


def test_an_adolescent_has_shed_all_milk_teeth() -> None:
    assert not any(t.primary for t in mouth("child", 14.5).teeth)


def test_an_infant_is_refused_by_name() -> None:
    with pytest.raises(PlanError, match="no teeth to see"):
        mouth("baby", 0.4)


def test_five_years_later_the_teeth_are_the_same_and_no_filling_has_gone() -> None:
    more = 0
    for who in (f"p{k}" for k in range(12)):
        before, after = mouth(who, 35.0), mouth(who, 40.0)
        for tooth in before.teeth:
            later = after.tooth(tooth.fdi)
            if later is None:
                assert any(s.fdi == tooth.fdi for s in after.spaces)
                continue
            assert (later.solid.name, later.bend_mm, later.key) == (
                tooth.solid.name,
                tooth.bend_mm,
                tooth.key,
            )
            crowned = any(w.kind.startswith("crown") for w in later.works)
            for work in tooth.works:
                replaced = work.kind in ("caries", "apical")
                assert replaced or crowned or work in later.works
            more += len(later.works) > len(tooth.works)
        implants = {t.fdi for t in after.teeth if any(w.kind == "implant" for w in t.works)}
        assert {s.fdi for s in before.spaces} <= {s.fdi for s in after.spaces} | implants
    assert more > 0


def test_age_takes_bone_and_narrows_pulps() -> None:
    young, old = mouth("x", 20.0), mouth("x", 75.0)
    common = [(young.tooth(t.fdi), t) for t in old.teeth if young.tooth(t.fdi)]
    assert all(a is not None and a.old < b.old for a, b in common if a)
    assert sum(b.bone_loss_mm[0] for _, b in common) > sum(a.bone_loss_mm[0] for a, _ in common if a)


def test_two_patients_are_not_siblings() -> None:
    a, b = (mouth(who, 30.0) for who in ("a", "b"))
    assert [t.bend_mm for t in a.teeth] != [t.bend_mm for t in b.teeth]
    assert a.sinus_mm != b.sinus_mm


def test_teeth_stand_side_by_side_from_the_midline_backwards() -> None:
    teeth = sorted((t for t in mouth("y", 25.0).teeth if t.fdi // 10 == 4), key=lambda t: t.fdi)
    backs = [t.at[1] for t in teeth]
    assert backs == sorted(backs)
    assert all(t.at[2] < 0 for t in teeth)


def edit(kind: str, part: str = "", amount: float = 0.6, days: float = 400.0) -> Edit:
    return Edit(kind, part=part, amount=amount, numbers={"days": days})


def test_decay_shows_as_more_cavities() -> None:
    def cavities(m: Mouth) -> int:
        return sum(w.kind == "caries" for t in m.teeth for w in t.works)

    assert cavities(mouth("z", 30.0, edit("caries"))) > cavities(mouth("z", 30.0))


def test_gum_disease_sinks_the_crests() -> None:
    well, ill = mouth("z", 50.0), mouth("z", 50.0, edit("gum-disease"))
    assert all(
        b.bone_loss_mm[0] > a.bone_loss_mm[0]
        for a, b in zip(well.teeth, ill.teeth, strict=True)
        if a.erupted >= 1 and not a.primary
    )


def test_extraction_leaves_a_fresh_space_and_loss_leaves_many() -> None:
    sound = mouth("z", 40.0)
    out = mouth("z", 40.0, edit("tooth-extraction", days=30.0, amount=0.4))
    assert len(out.teeth) == len(sound.teeth) - 1
    assert min(s.years for s in out.spaces) < 0.2
    assert len(mouth("z", 40.0, edit("tooth-loss", amount=1.0)).teeth) < len(sound.teeth) - 10


def test_wisdom_teeth_are_impacted_or_gone() -> None:
    who = next(w for w in map(str, range(40)) if mouth(w, 19.0).tooth(48))
    impacted = mouth(who, 19.0, edit("impacted-molars")).tooth(48)
    assert impacted is not None and impacted.erupted < 0.75 and impacted.tilt > 0.4
    assert mouth(who, 19.0, edit("wisdom-extraction")).tooth(48) is None


def test_an_edit_that_is_not_of_the_mouth_changes_nothing() -> None:
    assert len(mouth("z", 40.0, edit("fracture")).teeth) == len(mouth("z", 40.0).teeth)


@pytest.mark.parametrize("part", ["filling", "crown", "root-filling", "implant"])
def test_a_treatment_of_the_record_is_in_the_mouth(part: str) -> None:
    found = mouth("z", 45.0, edit("dental-treatment", part))
    kinds = {w.kind for t in found.teeth for w in t.works}
    assert any(k.startswith({"filling": "composite"}.get(part, part)) for k in kinds)


def test_the_region_has_films_inside_the_mouth_alone() -> None:
    body = MOUTH.build(Person("q", "M", 30.0, 1.8, 80.0), Seed("s"), ())
    with pytest.raises(PlanError):
        body.volume()
    with pytest.raises(PlanError):
        body.scene("")


def test_what_the_record_says_of_a_tooth_is_said_of_the_same_tooth_years_later() -> None:
    for who in (f"q{k}" for k in range(8)):
        first = mouth(who, 40.0, edit("tooth-extraction", amount=0.4, days=365.25))
        later = mouth(who, 45.0, edit("tooth-extraction", amount=0.4, days=6 * 365.25))
        sound = mouth(who, 40.0)
        (gone,) = {t.fdi for t in sound.teeth} - {t.fdi for t in first.teeth}
        assert next(s.years for s in later.spaces if s.fdi == gone) == pytest.approx(6.0)


def test_decay_of_the_record_is_on_the_side_that_a_single_film_shows() -> None:
    for who in (f"q{k}" for k in range(8)):
        sound, ill = mouth(who, 30.0), mouth(who, 30.0, edit("caries"))
        more = [
            t for t in ill.teeth if len(t.works) > len(next(s for s in sound.teeth if s.fdi == t.fdi).works)
        ]
        assert any(t.right for t in more) or not more
