"""Modality, storage object, part of the body, side and protocol of a series."""

from __future__ import annotations

from dataclasses import replace

import pytest
from orders import (
    CATALOG,
    CHEST_SITE,
    CR_CLASS,
    CT_CLASS,
    DX_CLASS,
    HEAD_SITE,
    IO_CLASS,
    SCT,
    instances,
    modality,
    noted,
    only,
    planned,
    problem,
    with_series,
)

from fhir2dicom.model import Code, StudyOrder
from fhir2dicom.plan.catalog import RegionRow
from fhir2dicom.plan.modalities import NAMES, NOT_IMAGES
from fhir2dicom.plan.sites import atlas
from fhir2dicom.plan.study import plan_study

# ----- modality


@pytest.mark.parametrize("code", ["SR", "KO", "PR", "SEG", "DOC", "ECG"])
def test_what_is_no_image_is_named(chest_ct: StudyOrder, code: str) -> None:
    found = problem(replace(chest_ct, series=(modality(code),)))
    assert found.kind == "not-an-image"
    assert found.message == f"{code} ({NAMES[code]}) is no image"


@pytest.mark.parametrize("code", ["SM", "ES", "MR", "US", "MG", "OP", "XA", "NM"])
def test_an_image_that_nobody_makes_yet_is_named(chest_ct: StudyOrder, code: str) -> None:
    found = problem(replace(chest_ct, series=(modality(code),)))
    assert found.kind == "not-made-yet"
    assert f"{code} ({NAMES[code]})" in found.message
    assert "made now: CT, DX" in found.message


def test_the_message_names_modality_place_and_what_is_made(chest_ct: StudyOrder) -> None:
    retina = Code(SCT, "181171005", "Entire retina (body structure)")
    series = replace(modality("OPT"), body_site=retina)
    assert problem(replace(chest_ct, series=(series,))).message == (
        "not made yet: OPT (Ophthalmic Tomography) of Entire retina; made now: CT, DX"
    )


@pytest.mark.parametrize(
    ("code", "meant"), [("XR", "DX"), ("RG", "DX"), ("X-RAY", "DX"), ("363680008", "DX")]
)
def test_junk_for_a_film_is_a_film(film: StudyOrder, code: str, meant: str) -> None:
    order = with_series(film, modality=Code("", code))
    assert only(order).modality == meant
    assert noted(order, f"modality '{code}' is taken as DX (Digital Radiography)")


def test_pet_is_taken_as_pt_and_named(chest_ct: StudyOrder) -> None:
    assert (
        "PT (Positron Emission Tomography)" in problem(replace(chest_ct, series=(modality("PET"),))).message
    )


def test_snomed_for_ct_is_a_ct(chest_ct: StudyOrder) -> None:
    assert only(with_series(chest_ct, modality=Code(SCT, "77477000"))).modality == "CT"


def test_an_unknown_code_is_read_by_its_name(chest_ct: StudyOrder) -> None:
    assert only(with_series(chest_ct, modality=Code("", "4711", "Computed Tomography"))).modality == "CT"


def test_an_unknown_modality_is_never_a_ct(chest_ct: StudyOrder) -> None:
    found = problem(with_series(chest_ct, modality=Code("", "ZZTOP")))
    assert (found.kind, "'ZZTOP' (unknown modality)" in found.message) == ("not-made-yet", True)


def test_a_missing_modality_is_read_from_the_sop_class_the_study_or_words(chest_ct: StudyOrder) -> None:
    by_class = with_series(chest_ct, modality=None)
    bare = with_series(chest_ct, modality=None, instances=())
    by_study = replace(bare, modalities=(Code("", "CT"), Code("", "SR")))
    for order, why in (
        (by_class, "by its SOP class"),
        (by_study, "as the study says"),
        (bare, "by the words"),
    ):
        assert only(order).modality == "CT"
        assert noted(order, why)


def test_a_study_of_which_nothing_tells_the_modality_is_a_problem(chest_ct: StudyOrder) -> None:
    order = replace(with_series(chest_ct, modality=None, instances=()), description="")
    assert problem(order).kind == "unreadable"


def test_the_names_cover_what_is_no_image() -> None:
    assert set(NAMES) >= NOT_IMAGES


# ----- storage object


def test_synthea_cr_with_the_dx_class_is_written_as_cr_with_a_note(film: StudyOrder) -> None:
    series = only(film)
    assert (series.modality, series.sop_class, series.physics) == ("CR", CR_CLASS, "DX")
    assert noted(
        film, "SOP class DX Image Storage For Presentation does not fit modality CR; CR Image Storage written"
    )


def test_dx_with_the_dx_class_needs_no_note(film: StudyOrder) -> None:
    order = with_series(film, modality=Code("", "DX"))
    assert (only(order).modality, only(order).sop_class) == ("DX", DX_CLASS)
    assert not noted(order, "SOP class")


def test_an_intra_oral_class_makes_a_dx_an_io(film: StudyOrder) -> None:
    mouth = Code(SCT, "700016008", "Structure of region of internal part of mouth (body structure)")
    order = with_series(film, modality=Code("", "DX"), body_site=mouth, instances=instances(1, IO_CLASS))
    assert problem(order).message.startswith(
        "not made yet: IO (Intra-oral Radiography) of Structure of region"
    )


def test_a_ct_with_a_foreign_class_stays_a_ct(chest_ct: StudyOrder) -> None:
    order = with_series(chest_ct, instances=instances(4, "1.2.840.10008.5.1.4.1.1.4"))
    assert only(order).sop_class == CT_CLASS
    assert noted(order, "does not fit modality CT")


# ----- part of the body


@pytest.mark.parametrize(
    ("code", "region"),
    [
        ("51185008", "chest"),
        ("43799004", "chest"),
        ("67734004", "chest"),
        ("39607008", "chest"),
        ("69536005", "head"),
        ("12738006", "head"),
        ("818983003", "abdomen"),
        ("113345001", "abdomen"),
    ],
)
def test_a_body_site_is_a_region(chest_ct: StudyOrder, code: str, region: str) -> None:
    assert only(with_series(chest_ct, body_site=Code(SCT, code))).region == region


@pytest.mark.parametrize(
    ("words", "region"),
    [
        ("CT Thorax nativ", "chest"),
        ("TAC de tórax", "chest"),
        ("Scanner du thorax", "chest"),
        ("CT胸部", "chest"),
        ("Schädel-CT", "head"),
        ("TAC de cabeza", "head"),
        ("Scanner de la tête", "head"),
        ("CT brain", "head"),
        ("CT Oberbauch", "abdomen"),
        ("CT abdominal", "abdomen"),
        ("CT thorax and abdomen", "chest-abdomen"),
        ("КТ головной мозг", "head"),
        ("CT pancreas head", "abdomen"),
        ("CT Thorax/Abdomen", "chest-abdomen"),
        ("CTPA", "chest"),
        ("CT KUB", "abdomen"),
        ("CT ABD PELV W/O", "abdomen"),
        ("CT CAP", "chest-abdomen"),
        ("CT neck and chest", "chest"),
    ],
)
def test_words_of_many_languages_are_a_region(chest_ct: StudyOrder, words: str, region: str) -> None:
    order = replace(with_series(chest_ct, body_site=None, description=words), description="")
    assert only(order).region == region
    assert noted(order, "no known body site; ")


@pytest.mark.parametrize("code", ["732167000", "418023006"])
def test_chest_abdomen_and_pelvis_is_made_without_the_pelvis_and_says_so(
    chest_ct: StudyOrder, code: str
) -> None:
    site = Code(SCT, code, "Entire chest and abdomen and pelvis (body structure)")
    for order in (
        with_series(chest_ct, body_site=site),
        replace(with_series(chest_ct, body_site=None), procedures=(site,), description=""),
    ):
        assert only(order).region == "chest-abdomen"
        assert noted(order, "the pelvis is not covered yet")


@pytest.mark.parametrize(
    ("code", "display"),
    [
        ("72696002", "Knee region structure (body structure)"),
        ("51299004", "Clavicle"),
        ("40983000", "Arm"),
        ("", "Thoracic vertebra structure"),
        ("", "Head of femur"),
        ("", "Neck of femur"),
        ("999", "Left ear"),
    ],
)
def test_a_part_that_nobody_makes_never_becomes_a_chest(film: StudyOrder, code: str, display: str) -> None:
    found = problem(with_series(replace(film, procedures=()), body_site=Code(SCT, code, display)))
    assert found.kind == "not-made-yet"
    assert display.removesuffix(" (body structure)") in found.message


def test_an_unknown_body_site_gives_way_to_a_known_procedure(chest_ct: StudyOrder) -> None:
    order = with_series(chest_ct, body_site=Code("http://local", "body-site-1"))
    assert only(replace(order, procedures=(Code(SCT, "303653007", ""),))).region == "head"
    assert only(replace(order, description="")).region == "chest"
    assert noted(
        replace(order, description="CT sesamoid"), "no known part of the body in 'CT sesamoid'; chest taken"
    )
    assert noted(replace(order, description=""), "nothing says which part of the body; chest taken")


def test_the_body_site_beats_the_procedure(chest_ct: StudyOrder) -> None:
    order = replace(with_series(chest_ct, body_site=HEAD_SITE), procedures=(Code(SCT, "399208008"),))
    assert only(order).region == "head"


def test_a_modality_is_asked_only_for_regions_it_sees(film: StudyOrder) -> None:
    assert (
        "DX made now of: chest"
        in problem(with_series(film, modality=Code("", "DX"), body_site=HEAD_SITE)).message
    )


def test_a_region_that_is_plugged_in_takes_its_place_over(film: StudyOrder) -> None:
    knee = RegionRow("knee", "KNEE", Code(SCT, "72696002", "Knee"), frozenset(), (), paired=True)
    films = replace(CATALOG.modalities[1], regions=("chest", "knee"))
    catalog = replace(CATALOG, regions=(*CATALOG.regions, knee), modalities=(CATALOG.modalities[0], films))
    order = with_series(replace(film, procedures=()), body_site=Code("", "", "Left knee"))
    plan = plan_study(order, "seed", catalog, None)
    (series,) = plan.series  # type: ignore[union-attr]
    assert (series.region, series.body_part, series.laterality) == ("knee", "KNEE", "L")


# ----- side


@pytest.mark.parametrize(
    ("code", "side"),
    [("24028007", "R"), ("7771000", "L"), ("51440002", "B"), ("R", "R"), ("l", "L"), ("x", "")],
)
def test_a_side_comes_from_its_code(chest_ct: StudyOrder, code: str, side: str) -> None:
    assert only(with_series(chest_ct, laterality=Code("", code))).laterality == side


def test_a_side_comes_from_its_words(chest_ct: StudyOrder) -> None:
    assert only(with_series(chest_ct, laterality=Code("", "", "Right side"))).laterality == "R"


def test_a_finding_of_one_side_does_not_make_half_a_chest(chest_ct: StudyOrder) -> None:
    assert only(with_series(chest_ct, description="nodule in the left lung")).laterality == ""


# ----- protocol


def test_a_high_resolution_chest_is_a_thin_lung_scan(chest_ct: StudyOrder) -> None:
    code = Code(
        SCT, "16335031000119103", "High resolution computed tomography of chest without contrast (procedure)"
    )
    (shot,) = only(replace(chest_ct, description="", procedures=(code,))).shots
    assert (shot.protocol.kernel, shot.protocol.settings["thickness_mm"], shot.protocol.contrast) == (
        "lung",
        1.25,
        "",
    )


def test_a_second_plain_chest_series_is_the_lung_reconstruction(chest_ct: StudyOrder) -> None:
    second = replace(chest_ct.series[0], uid="1.2.3", number=2, instances=())
    kernels = [
        s.shots[0].protocol.kernel
        for s in planned(replace(chest_ct, series=(*chest_ct.series, second))).series
    ]
    assert kernels == ["soft", "lung"]


def test_a_head_has_the_head_kernel_and_bone_when_asked(chest_ct: StudyOrder) -> None:
    head = with_series(chest_ct, body_site=HEAD_SITE)
    assert only(head).shots[0].protocol.kernel == "head"
    assert only(with_series(head, description="bone window")).shots[0].protocol.kernel == "bone"


@pytest.mark.parametrize(
    ("site", "words", "phase"),
    [
        ("818983003", "CT Abdomen with contrast", "portal-venous"),
        ("51185008", "CT Chest with contrast", "arterial"),
        ("51185008", "CT angiography", "arterial"),
        ("818983003", "arterial phase, with contrast", "arterial"),
        ("818983003", "Abdomen mit Kontrastmittel", "portal-venous"),
        ("818983003", "CT Abdomen without contrast", ""),
        ("818983003", "CT Abdomen", ""),
        ("69536005", "CT head with contrast", ""),
    ],
)
def test_contrast_comes_from_the_words(chest_ct: StudyOrder, site: str, words: str, phase: str) -> None:
    order = replace(with_series(chest_ct, body_site=Code(SCT, site)), description=words)
    assert only(order).shots[0].protocol.contrast == phase
    assert noted(order, "with contrast medium") == bool(phase)


def test_a_contrast_agent_among_the_parameters_decides(chest_ct: StudyOrder) -> None:
    given = with_series(chest_ct, parameters={"ContrastBolusAgent": 1.0})
    denied = replace(
        with_series(chest_ct, parameters={"ContrastBolusAgent": 0.0}), description="with contrast"
    )
    assert (only(given).shots[0].protocol.contrast, only(denied).shots[0].protocol.contrast) == (
        "arterial",
        "",
    )


def test_acquisition_values_of_fhir_are_taken_where_believable(chest_ct: StudyOrder) -> None:
    order = with_series(chest_ct, parameters={"SliceThickness": 3.0, "KVP": 100.0, "PixelSpacing": 0.75})
    settings = only(order).shots[0].protocol.settings
    assert (settings["thickness_mm"], settings["kvp"], settings["fov_mm"]) == (3.0, 100.0, 384.0)
    absurd = with_series(
        chest_ct, parameters={"SliceThickness": 900.0, "KVP": float("nan"), "PixelSpacing": 0.75}
    )
    assert "kvp" not in only(absurd).shots[0].protocol.settings
    assert noted(absurd, "SliceThickness 900 is not believable")


# ----- films


def views(order: StudyOrder) -> list[str]:
    return [s.protocol.view for s in only(order).shots]


def with_films(film: StudyOrder, *titles: str, description: str = "") -> StudyOrder:
    listed = tuple(replace(i, title=t) for i, t in zip(instances(len(titles), DX_CLASS), titles, strict=True))
    return with_series(film, instances=listed, instance_count=len(titles), description=description)


def test_films_are_frontal_then_lateral_by_turns(film: StudyOrder) -> None:
    assert views(with_films(film, "", "", "")) == ["PA", "LL", "PA"]


def test_a_films_title_tells_its_view(film: StudyOrder) -> None:
    assert views(with_films(film, "lateral", "PA")) == ["LL", "PA"]


def test_a_series_of_one_lateral_is_lateral(film: StudyOrder) -> None:
    assert views(with_films(film, "", description="Lateral view")) == ["LL"]
    assert views(with_films(film, "", description="PA and lateral")) == ["PA"]
    assert views(with_films(film, "", "", description="PA and lateral")) == ["PA", "LL"]


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("Portable CXR", ["AP"]),
        ("Rx tórax PA", ["PA"]),
        ("Thorax in 2 Ebenen", ["PA", "LL"]),
        ("Chest lateral", ["LL"]),
        ("XR CHEST PA AND LATERAL", ["PA", "LL"]),
        ("Chest AP and lateral", ["PA", "LL"]),
        ("Chest x-ray", ["PA", "LL"]),
    ],
)
def test_films_that_nobody_counted_are_those_of_the_words(
    film: StudyOrder, words: str, made: list[str]
) -> None:
    assert views(with_series(film, instances=(), instance_count=None, description=words)) == made


@pytest.mark.parametrize(
    "words", ["X Thorax a.p. liegend", "portable chest", "Chest AP supine", "bedside chest x-ray"]
)
def test_a_bedside_film_is_ap_and_supine(film: StudyOrder, words: str) -> None:
    (shot,) = only(with_films(film, "", description=words)).shots
    assert (shot.protocol.view, shot.protocol.pose, shot.protocol.settings["grid"]) == ("AP", "bedside", 0.0)


def test_every_film_has_the_detectors_matrix(film: StudyOrder) -> None:
    (shot,) = only(film).shots
    assert (shot.protocol.rows, shot.protocol.columns, shot.frames) == (2048, 2048, 1)


def test_a_series_without_description_is_called_after_its_protocols(film: StudyOrder) -> None:
    assert only(with_films(film, "", "")).description == "Chest PA, Chest lateral"
    assert only(film).description == "Chest PA"


def test_sites_of_the_catalogue_are_known_by_their_own_code() -> None:
    assert atlas(CATALOG).by_code((CHEST_SITE,)) == "chest"


@pytest.mark.parametrize(
    ("code", "region", "note"),
    [
        ("732167000", "chest-abdomen", "the pelvis is not"),
        ("774007", "head", "the neck is not"),
        ("64033007", "abdomen", ""),
    ],
)
def test_a_region_that_claims_more_than_it_shows_still_says_what_is_lacking(
    chest_ct: StudyOrder, code: str, region: str, note: str
) -> None:
    greedy = tuple(replace(r, snomed=r.snomed | {code}) if r.name == region else r for r in CATALOG.regions)
    order = with_series(chest_ct, body_site=Code(SCT, code))
    plan = plan_study(order, "seed", replace(CATALOG, regions=greedy), None)
    assert plan.series[0].region == region  # type: ignore[union-attr]
    assert any(f"made as {region}" in n and note in n for n in plan.notes)  # type: ignore[union-attr]
