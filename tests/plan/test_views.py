"""Which films a department makes of a part, and how words, titles and counts choose among them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from orders import DX_CLASS, EVERY_FILM, IO_CLASS, MG_CLASS, SCT, instances, planned, with_series

from fhir2dicom.model import Code, Problem, SeriesPlan, StudyOrder, StudyPlan
from fhir2dicom.plan.catalog import IodRow, ModalityRow
from fhir2dicom.plan.places import PLACES
from fhir2dicom.plan.protocols import ROWS, rows_for
from fhir2dicom.plan.study import plan_study

FILMS = tuple(r for r in ROWS if r.protocol.modality == "DX")
PARTS = sorted({r.protocol.region for r in FILMS})


def part(film: StudyOrder, place: str, *titles: str, **changes: object) -> StudyOrder:
    """Return the order of films of a place; without titles FHIR counts none."""
    row = next(p for p in PLACES if p.name == place)
    listed = tuple(replace(i, title=t) for i, t in zip(instances(len(titles), DX_CLASS), titles, strict=True))
    site = Code(SCT, min(row.snomed), place)
    of = {
        "body_site": site,
        "modality": Code("", "DX"),
        "instances": listed,
        "instance_count": len(titles) or None,
    }
    return with_series(replace(film, procedures=()), **(of | changes))


def plan(order: StudyOrder) -> StudyPlan:
    return planned(order, catalog=EVERY_FILM)


def series(order: StudyOrder) -> SeriesPlan:
    (only,) = plan(order).series
    return only


def names(order: StudyOrder) -> list[str]:
    return [s.protocol.name for s in series(order).shots]


def notes(order: StudyOrder) -> str:
    return " | ".join(plan(order).notes)


# ----- rows


@pytest.mark.parametrize("place", PARTS)
def test_one_film_is_the_usual_view_and_an_uncounted_study_has_its_routine(
    film: StudyOrder, place: str
) -> None:
    rows = rows_for("DX", place)
    assert names(part(film, place, "")) == [rows[0].protocol.name]
    assert names(part(film, place)) == [r.protocol.name for r in rows if r.routine]
    assert series(part(film, place)).region == place


@pytest.mark.parametrize("row", FILMS, ids=lambda r: r.protocol.name)
def test_a_row_is_a_film_that_can_be_taken(row) -> None:
    protocol, of = row.protocol, row.protocol.settings
    assert protocol.view in {"AP", "PA", "LL", "RL", "LAT"}
    assert 40 <= of["kvp"] <= 125
    assert 0 < of["mas"] <= 60
    assert 1000 <= of["sid_mm"] <= 1800
    assert of["grid"] in {0, 8, 10}
    assert max(protocol.rows, protocol.columns) * of.get("pixel_mm", 0.2) <= 432
    assert row.routine or row.words


@pytest.mark.parametrize("row", [r for r in FILMS if r.words], ids=lambda r: r.protocol.name)
def test_a_film_titled_as_its_row_is_that_row(film: StudyOrder, row) -> None:
    assert names(part(film, row.protocol.region, row.protocol.name)) == [row.protocol.name]


@pytest.mark.parametrize("row", FILMS, ids=lambda r: r.protocol.name)
def test_fewer_volts_go_through_thinner_parts(row) -> None:
    """Bare detectors serve what is thinner than about 12 cm; of the rest the lateral neck (air gap) and the bedside film."""
    if row.protocol.settings["grid"] == 0 and row.protocol.settings["sid_mm"] == 1150:
        assert row.protocol.settings["kvp"] <= 70


# ----- words, titles and counts


@pytest.mark.parametrize(
    ("place", "titles", "made"),
    [
        ("wrist", ("Image of wrist",), ["Wrist PA"]),
        ("wrist", ("", "", ""), ["Wrist PA", "Wrist lateral", "Wrist oblique"]),
        ("wrist", ("", "", "", ""), ["Wrist PA", "Wrist lateral", "Wrist oblique", "Wrist scaphoid"]),
        ("wrist", ("lateral", "DP"), ["Wrist lateral", "Wrist PA"]),
        ("knee", ("", "", ""), ["Knee AP", "Knee lateral", "Patella axial"]),
        ("knee", ("", "", "", ""), ["Knee AP", "Knee lateral", "Patella axial", "Knee AP"]),
        ("ankle", ("AP", "seitlich", "mortise"), ["Ankle AP", "Ankle lateral", "Ankle mortise"]),
        (
            "cervical-spine",
            ("", "", "", "", ""),
            [
                "Cervical spine AP",
                "Cervical spine lateral",
                "Odontoid",
                "Cervical spine oblique",
                "Cervical spine LPO",
            ],
        ),
        ("clavicle", ("AP axial",), ["Clavicle axial"]),
        ("shoulder", ("scapular Y",), ["Shoulder Y"]),
        ("abdomen", ("", ""), ["Abdomen supine", "Abdomen erect"]),
        ("abdomen", ("left lateral decubitus",), ["Abdomen left decubitus"]),
        ("chest", ("", "", ""), ["Chest PA", "Chest lateral", "Chest PA"]),
    ],
)
def test_titles_and_counts_choose_the_views(
    film: StudyOrder, place: str, titles: tuple[str, ...], made: list[str]
) -> None:
    assert names(part(film, place, *titles)) == made


@pytest.mark.parametrize(
    ("place", "words", "made"),
    [
        ("knee", "XR KNEE 3 VIEWS", ["Knee AP", "Knee lateral", "Patella axial"]),
        ("knee", "XR KNEE 1V", ["Knee AP"]),
        ("knee", "Knie in 2 Ebenen", ["Knee AP", "Knee lateral"]),
        ("knee", "Knee AP and sunrise", ["Knee AP", "Patella axial"]),
        ("knee", "rodilla AP y lateral", ["Knee AP", "Knee lateral"]),
        ("hand", "Hand PA", ["Hand PA"]),
        ("hand", "Hand oblique", ["Hand oblique"]),
        ("wrist", "wrist PA, lateral", ["Wrist PA", "Wrist lateral"]),
        ("hand", "bone age", ["Hand bone age"]),
        ("foot", "XR FOOT 3+ VW LEFT", ["Foot DP", "Foot oblique", "Foot lateral"]),
        ("cervical-spine", "odontoid", ["Odontoid"]),
        ("pelvis", "pelvis", ["Pelvis AP"]),
        ("pelvis", "pelvis AP, inlet, outlet", ["Pelvis AP", "Pelvis inlet", "Pelvis outlet"]),
    ],
)
def test_words_choose_the_views_that_nobody_counted(
    film: StudyOrder, place: str, words: str, made: list[str]
) -> None:
    assert names(part(film, place, description=words)) == made


# ----- parts


@pytest.mark.parametrize(
    ("words", "region"),
    [
        ("XR C-SPINE", "cervical-spine"),
        ("HWS in 2 Ebenen", "cervical-spine"),
        ("Rachis lombaire", "lumbar-spine"),
        ("XR lumbar spine", "lumbar-spine"),
        ("BWS", "thoracic-spine"),
        ("Columna dorsal", "thoracic-spine"),
        ("Ribs right", "ribs"),
        ("Nasennebenhöhlen", "face"),
        ("Waters view of the sinuses", "face"),
        ("Hüfte links", "hip"),
        ("Beckenübersicht", "pelvis"),
        ("Calcaneus", "foot"),
        ("Patella", "knee"),
        ("Daumen", "hand"),
        ("XR bone age", "hand"),
        ("Scapula", "shoulder"),
        ("KUB", "abdomen"),
        ("Rx tórax", "chest"),
        ("Unterkiefer", "mandible"),
        ("Schädel", "skull"),
    ],
)
def test_words_of_many_languages_are_a_bone(film: StudyOrder, words: str, region: str) -> None:
    assert series(part(film, "knee", "", body_site=None, description=words)).region == region


@pytest.mark.parametrize(
    ("code", "region", "note"),
    [
        ("421060004", "lumbar-spine", "spine: made as lumbar-spine"),
        ("69536005", "skull", "head: made as skull"),
        ("416949008", "abdomen", "abdomen-pelvis: made as abdomen"),
        ("54735007", "pelvis", "sacrum: made as pelvis"),
        ("416550000", "chest", "chest-abdomen: made as chest"),
    ],
)
def test_a_part_without_films_of_its_own_is_filmed_as_another_with_a_note(
    film: StudyOrder, code: str, region: str, note: str
) -> None:
    catalog = replace(
        EVERY_FILM,
        regions=tuple(
            replace(r, seen_by=()) if r.name in {"head", "chest-abdomen"} else r for r in EVERY_FILM.regions
        ),
    )
    made = planned(part(film, "knee", "", body_site=Code(SCT, code)), catalog=catalog)
    assert made.series[0].region == region
    assert note in " | ".join(made.notes)


@pytest.mark.parametrize(("code", "region"), [("113197003", "chest"), ("89546000", "head")])
def test_sections_of_what_only_films_show_are_those_around_it(
    chest_ct: StudyOrder, code: str, region: str
) -> None:
    made = planned(with_series(chest_ct, body_site=Code(SCT, code)), catalog=EVERY_FILM)
    assert made.series[0].region == region


def test_a_section_of_a_bone_is_not_made_of_something_else(chest_ct: StudyOrder) -> None:
    found = plan_study(with_series(chest_ct, body_site=Code(SCT, "72696002", "Knee")), "seed", EVERY_FILM)
    assert isinstance(found, Problem)
    assert (
        "CT (Computed Tomography) of Knee; CT made now of: abdomen, chest, chest-abdomen, head"
        in found.message
    )


# ----- modalities


def test_teeth_and_breasts_are_never_plain_films(film: StudyOrder) -> None:
    teeth = part(film, "mouth", "")
    assert (series(teeth).modality, series(teeth).sop_class) == ("IO", IO_CLASS)
    assert "modality DX, but a film of the mouth is IO (Intra-oral Radiography)" in notes(teeth)
    breast = part(film, "breast", "", modality=Code("", "CR"))
    assert (series(breast).modality, series(breast).sop_class) == ("MG", MG_CLASS)


def test_a_knee_called_a_mammogram_is_a_plain_film(film: StudyOrder) -> None:
    assert series(part(film, "knee", "", modality=Code("", "MG"))).modality == "DX"


def test_a_mammogram_of_the_chest_is_one_of_the_breast(film: StudyOrder) -> None:
    order = part(film, "chest", "", modality=Code("", "MG"))
    assert series(order).region == "breast"
    assert "chest: made as breast" in notes(order)


@pytest.mark.parametrize("words", ["Orthopantomogram", "OPG", "Panoramic x-ray of teeth"])
@pytest.mark.parametrize("place", ["mandible", "mouth"])
def test_a_panoramic_film_is_never_replaced_by_another_one(film: StudyOrder, place: str, words: str) -> None:
    order = part(film, place, "", description=words)
    found = plan_study(order, "seed", EVERY_FILM)
    assert isinstance(found, Problem)
    assert found.message.startswith("not made yet: PX (Panoramic X-Ray)")
    panoramic = ModalityRow("PX", ("PX",), (IodRow(DX_CLASS, "PX"),), (place,))
    made = planned(order, catalog=replace(EVERY_FILM, modalities=(*EVERY_FILM.modalities, panoramic)))
    assert made.series[0].modality == "PX"


@pytest.mark.parametrize(("modality", "why"), [("XA", "vessels filled"), ("RF", "organs filled")])
def test_fluoroscopy_is_answered_with_what_is_lacking(film: StudyOrder, modality: str, why: str) -> None:
    found = plan_study(part(film, "chest", "", modality=Code("", modality)), "seed", EVERY_FILM)
    assert isinstance(found, Problem)
    assert f"{why} with contrast medium" in found.message


def test_values_of_fhir_hold_for_plates_too(film: StudyOrder) -> None:
    order = part(film, "knee", "", modality=Code("", "CR"), parameters={"KVP": 60.0, "Exposure": 4.0})
    (shot,) = series(order).shots
    assert (shot.protocol.settings["kvp"], shot.protocol.settings["mas"]) == (60.0, 4.0)
