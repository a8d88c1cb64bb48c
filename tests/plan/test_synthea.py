"""Every kind of study that Synthea's modules write, with the codes of both their generations."""

from __future__ import annotations

from dataclasses import replace

import pytest
from orders import CT_CLASS, DX_CLASS, EVERY_FILM, IO_CLASS, SCT, instances, planned, problem

from fhir2dicom.model import Code, Event, StudyOrder
from fhir2dicom.plan.protocols import rows_for

US_CLASS = "1.2.840.10008.5.1.4.1.1.3.1"
OP_CLASS = "1.2.840.10008.5.1.4.1.1.77.1.5.1"
OPT_CLASS = "1.2.840.10008.5.1.4.1.1.77.1.5.4"
CID_29 = "http://dicom.nema.org/medical/dicom/current/output/chtml/part16/sect_CID_29.html"

MADE = (
    # modality, procedure, its display, body site, its display, SOP class, instances → region, kernel or view
    ("CR", "399208008", "Plain X-ray of chest", "51185008", "Thoracic structure", DX_CLASS, 1, "chest", "PA"),
    ("DX", "399208008", "Plain X-ray of chest", "51185008", "Chest", DX_CLASS, 1, "chest", "PA"),
    (
        "CT",
        "303653007",
        "Computed tomography of head",
        "69536005",
        "Head structure",
        CT_CLASS,
        1,
        "head",
        "head",
    ),
    (
        "CT",
        "16335031000119103",
        "High resolution CT of chest without contrast",
        "51185008",
        "Thoracic structure",
        CT_CLASS,
        421,
        "chest",
        "lung",
    ),
    (
        "CT",
        "418023006",
        "Computed tomography of chest, abdomen and pelvis",
        "732167000",
        "Entire chest and abdomen and pelvis",
        CT_CLASS,
        1,
        "chest-abdomen",
        "soft",
    ),
)

NOT_MADE = (
    # modality, procedure, body site, its display, SOP class → as the message names it
    (
        "DX",
        "241046008",
        "700016008",
        "Structure of region of internal part of mouth",
        IO_CLASS,
        "IO (Intra-oral",
    ),
    (
        "OP",
        "314971001",
        "181171005",
        "Entire retina",
        OP_CLASS,
        "OP (Ophthalmic Photography) of Entire retina",
    ),
    (
        "OPT",
        "700070005",
        "181171005",
        "Entire retina",
        OPT_CLASS,
        "OPT (Ophthalmic Tomography) of Entire retina",
    ),
    ("US", "40701008", "80891009", "Heart structure", US_CLASS, "US (Ultrasound) of Heart structure"),
    ("US", "433236007", "51185008", "Thoracic structure", US_CLASS, "US (Ultrasound) of Thoracic structure"),
    ("US", "709979004", "51345006", "Carotid body structure", US_CLASS, "US (Ultrasound) of Carotid body"),
    (
        "US",
        "426701000119108",
        "50519007",
        "Structure of right upper quadrant of abdomen",
        US_CLASS,
        "US (Ultrasound)",
    ),
    # without the parts that a catalogue lacks
    ("DX", "168594001", "51299004", "Clavicle", DX_CLASS, "DX (Digital Radiography) of Clavicle"),
    ("DX", "713026007", "40983000", "Arm", DX_CLASS, "DX (Digital Radiography) of Arm"),
    ("DX", "1225002", "40983000", "", DX_CLASS, "DX (Digital Radiography) of 40983000"),
    ("DX", "713024005", "8205005", "Wrist", DX_CLASS, "DX (Digital Radiography) of Wrist"),
    ("DX", "60027007", "", "", DX_CLASS, "DX (Digital Radiography) of wrist"),
    ("DX", "1290459008", "344001", "Ankle", DX_CLASS, "DX (Digital Radiography) of Ankle"),
    ("DX", "19490002", "", "", DX_CLASS, "DX (Digital Radiography) of ankle"),
    ("DX", "713021002", "12921003", "Pelvis", DX_CLASS, "DX (Digital Radiography) of Pelvis"),
    ("DX", "268425006", "", "", DX_CLASS, "DX (Digital Radiography) of pelvis"),
    ("DX", "1290407002", "72696002", "Knee", DX_CLASS, "DX (Digital Radiography) of Knee"),
    ("DX", "74016001", "", "", DX_CLASS, "DX (Digital Radiography) of knee"),
    (
        "DX",
        "1290789000",
        "91609006",
        "Bone structure of mandible",
        DX_CLASS,
        "DX (Digital Radiography) of Bone",
    ),
    ("DX", "19589009", "", "", DX_CLASS, "DX (Digital Radiography) of mandible"),
)


def ordered(
    order: StudyOrder, modality: str, procedure: Code, site: Code, sop_class: str, count: int
) -> StudyOrder:
    series = replace(
        order.series[0],
        modality=Code(CID_29, modality),
        body_site=site if site.value else None,
        instances=instances(count, sop_class),
        instance_count=count,
    )
    return replace(order, description="", procedures=(procedure,), series=(series,))


@pytest.mark.parametrize("row", MADE, ids=lambda r: f"{r[0]} {r[2]}")
def test_it_is_made(chest_ct: StudyOrder, row: tuple[str, str, str, str, str, str, int, str, str]) -> None:
    modality, procedure, display, site, site_display, sop_class, count, region, how = row
    procedure_code, site_code = Code(SCT, procedure, f"{display} (procedure)"), Code(SCT, site, site_display)
    plan = planned(ordered(chest_ct, modality, procedure_code, site_code, sop_class, count))
    (series,) = plan.series
    protocol = series.shots[0].protocol
    assert (series.modality, series.region, series.instance_count) == (modality, region, count)
    assert how in (protocol.kernel, protocol.view)
    assert protocol.contrast == ""


@pytest.mark.parametrize("row", NOT_MADE, ids=lambda r: f"{r[0]} {r[3] or r[1]}")
def test_it_is_named_as_not_made_yet(chest_ct: StudyOrder, row: tuple[str, str, str, str, str, str]) -> None:
    modality, procedure, site, display, sop_class, named = row
    shown = f"{display} (body structure)" if display else ""
    found = problem(ordered(chest_ct, modality, Code(SCT, procedure), Code(SCT, site, shown), sop_class, 1))
    assert found.kind == "not-made-yet"
    assert found.message.startswith(f"not made yet: {named}")


FILMS = (
    # modality, procedures of both generations, body site, its display, SOP class, title → modality, part, view
    (("241046008",), "700016008", "Structure of region of internal part of mouth", IO_CLASS, "IO", "mouth"),
    (("168594001",), "51299004", "Bone structure of clavicle", DX_CLASS, "DX", "clavicle"),
    (
        ("713026007", "1225002"),
        "40983000",
        "Structure of upper extremity between shoulder and elbow",
        DX_CLASS,
        "DX",
        "humerus",
    ),
    (("713024005", "60027007"), "8205005", "Wrist region structure", DX_CLASS, "DX", "wrist"),
    (("1290459008", "19490002"), "344001", "Ankle region structure", DX_CLASS, "DX", "ankle"),
    (("399208008",), "51185008", "Chest", DX_CLASS, "DX", "chest"),
    (("713021002", "268425006"), "12921003", "Structure of pelvis", DX_CLASS, "DX", "pelvis"),
    (("1290407002", "74016001"), "72696002", "Knee region structure", DX_CLASS, "DX", "knee"),
    (("1290789000", "19589009"), "91609006", "Bone structure of mandible", DX_CLASS, "DX", "mandible"),
)


@pytest.mark.parametrize("sited", [True, False])
@pytest.mark.parametrize("row", FILMS, ids=lambda r: r[-1])
def test_every_film_of_synthea_is_one_usual_view_of_its_part(
    chest_ct: StudyOrder, row: tuple[tuple[str, ...], str, str, str, str, str], *, sited: bool
) -> None:
    procedures, site, display, sop_class, modality, region = row
    for procedure in procedures:
        where = Code(SCT, site, f"{display} (body structure)") if sited else Code("", "")
        order = ordered(chest_ct, "DX", Code(SCT, procedure), where, sop_class, 1)
        (series,) = planned(order, catalog=EVERY_FILM).series
        (shot,) = series.shots
        assert (series.modality, series.region, series.sop_class) == (modality, region, sop_class)
        assert shot.protocol.name == rows_for(modality, region)[0].protocol.name


def test_the_film_of_the_arm_shows_the_break_of_the_forearm_that_the_record_has(chest_ct: StudyOrder) -> None:
    """Synthea films the upper arm of every broken forearm, puts the cast on after it, and names the fracture twice."""
    arm = Code(SCT, "40983000", "Structure of upper extremity between shoulder and elbow (body structure)")
    visit = {"encounter": "Encounter/e"}
    record = (
        Event(
            "condition",
            (Code(SCT, "125605004", "Fracture of bone (disorder)"),),
            "2020-03-28T11:50:00Z",
            **visit,
        ),
        Event("condition", (Code(SCT, "65966004", "Fracture of forearm"),), "2020-03-28T11:50:00Z", **visit),
        Event("procedure", (Code(SCT, "274474001", "Bone immobilization"),), "2020-03-28T12:20:00Z", **visit),
    )
    order = replace(
        ordered(chest_ct, "DX", Code(SCT, "713026007"), arm, DX_CLASS, 1),
        record=record,
        encounter="Encounter/e",
    )
    plan = planned(order, catalog=EVERY_FILM)
    (finding,) = plan.findings
    assert finding.name == "forearm-fracture"
    assert plan.series[0].shots[0].laterality == finding.laterality != ""
