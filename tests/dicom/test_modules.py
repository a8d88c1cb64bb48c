"""Every module speaks the dictionary's language, and says what FHIR said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hand_built import CR, CT, DX, MODULES, SNOMED, frames, make, patient, read, series, study
from pydicom.datadict import dictionary_VR, tag_for_keyword

from fhir2dicom import plugs
from fhir2dicom.dicom import codes
from fhir2dicom.dicom.modules.module import Context, Module
from fhir2dicom.dicom.modules.patient import age
from fhir2dicom.model import Code, HumanName, Identifier, Protocol, When

KNOWN = plugs.load(Module)
PN_SCRIPTS = {
    "Latin": HumanName("Müller-Søby", ("Zoë", "Ána")),
    "Cyrillic": HumanName("Иванова", ("Анна",)),
    "Arabic": HumanName("حسن", ("فاطمة",)),
    "Han": HumanName("山田", ("太郎",)),
    "Hangul": HumanName("김", ("희중",)),
    "Devanagari": HumanName("शर्मा", ("अनिल",)),
}


def context(sop_class=CT, **changes):
    planned = series(sop_class)
    return Context(study(series_plans=(planned,), **changes), planned, planned.shots[0], frames(sop_class))


def keywords(attributes):
    for keyword, value in attributes.items():
        yield keyword, value
        for item in value if isinstance(value, tuple) and value and isinstance(value[0], dict) else ():
            yield from keywords(item)


@pytest.mark.parametrize("name", KNOWN)
def test_a_module_uses_keywords_of_the_dictionary_and_sequences_where_they_are(name):
    module = KNOWN[name]
    for sop_class in MODULES:
        for keyword, value in keywords(module.fill(context(sop_class))):
            assert tag_for_keyword(keyword), keyword
            holds_items = isinstance(value, tuple) and (not value or isinstance(value[0], dict))
            assert (dictionary_VR(keyword) == "SQ") == holds_items, keyword
    assert all(map(tag_for_keyword, module.type1 + module.type2))


@pytest.mark.parametrize("name", KNOWN)
def test_a_module_says_its_section_of_the_standard_in_its_docstring(name):
    assert (KNOWN[name].fill.__doc__ or "").startswith("C.")


@pytest.mark.parametrize("script", PN_SCRIPTS)
def test_a_name_in_any_script_is_read_back_as_it_was(script):
    name = PN_SCRIPTS[script]
    dataset = read(make(study(patient=patient(name=name)))[0])
    assert dataset.SpecificCharacterSet == "ISO_IR 192"
    assert dataset.PatientName.family_name == name.family
    assert dataset.PatientName.given_name == name.given[0]


def test_a_patient_keeps_identity_issuer_and_other_ids():
    dataset = read(make(study())[0])
    assert (dataset.PatientID, dataset.PatientBirthDate, dataset.PatientSex) == ("a3b5-17", "19610203", "F")
    assert dataset.IssuerOfPatientID == "https://github.com/synthetichealth/synthea"
    assert dataset.IssuerOfPatientIDQualifiersSequence[0].UniversalEntityIDType == "URI"
    assert [i.PatientID for i in dataset.OtherPatientIDsSequence] == ["999-12-3456", "S99912345"]
    licence = dataset.OtherPatientIDsSequence[1].IssuerOfPatientIDQualifiersSequence[0]
    assert (licence.UniversalEntityID, licence.UniversalEntityIDType) == ("2.16.840.1.113883.4.3.25", "ISO")
    assert (dataset.PatientAge, dataset.PatientSize, dataset.PatientWeight) == ("058Y", 1.64, 71.3)


@pytest.mark.parametrize(
    ("years", "shown"),
    [(0, "000D"), (0.05, "018D"), (0.1, "005W"), (0.5, "006M"), (1.99, "023M"), (2, "002Y"), (104.5, "104Y")],
)
def test_an_age_has_the_unit_that_fits_it(years, shown):
    assert age(years) == shown


def test_a_study_says_who_asked_for_what_and_why():
    dataset = read(make(study())[0])
    assert dataset.ReferringPhysicianName == "Brekke^Aaron^^Dr."
    assert dataset.NameOfPhysiciansReadingStudy == "Lee^Min"
    assert dataset.PerformingPhysicianName == "Ray^Jo^^Dr."
    assert (dataset.InstitutionName, dataset.InstitutionalDepartmentName) == ("PCP 17 of Boston", "Radiology")
    procedure = dataset.ProcedureCodeSequence[0]
    assert (procedure.LongCodeValue, "CodeValue" in procedure) == ("16335031000119103", False)
    asked = dataset.RequestAttributesSequence[0]
    assert asked.RequestedProcedureCodeSequence[0].LongCodeValue == "16335031000119103"
    assert asked.ReasonForRequestedProcedureCodeSequence[0].CodeValue == "254637007"
    assert asked.ReasonForTheRequestedProcedure == "Non-small cell lung cancer (disorder)"


def test_times_are_those_of_fhir_and_empty_where_it_has_none():
    dataset = read(make(study())[0])
    stamps = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
    assert {dataset[keyword].value for keyword in stamps} == {"20190405"}
    assert dataset.TimezoneOffsetFromUTC == "+0200"
    unknown = read(make(study(started=When(), series_plans=(series(started=When()),)))[0])
    assert (unknown.StudyDate, unknown.StudyTime, unknown.ContentDate) == ("", "", "")
    assert "SeriesDate" not in unknown
    assert "TimezoneOffsetFromUTC" not in unknown


@pytest.mark.parametrize("sop_class", [CT, DX, CR])
def test_every_image_is_marked_as_synthetic_where_a_program_and_a_reader_look(sop_class):
    dataset = read(make(study(series_plans=(series(sop_class, 1, 1),)))[0])
    assert dataset.SyntheticData == "YES"
    (maker,) = dataset.ContributingEquipmentSequence
    assert maker.PurposeOfReferenceCodeSequence[0].CodeValue == "109100"
    assert dataset.ImageComments == "Title of this image. SYNTHETIC, NOT FOR DIAGNOSIS"
    assert dataset.SeriesDescription.endswith(" [SYNTHETIC]")
    assert dataset.ManufacturerModelName == "fhir2dicom"
    assert "PatientIdentityRemoved" not in dataset


def test_a_code_of_an_unknown_system_gets_a_private_scheme_that_is_explained():
    site = Code("http://our.hospital/parts", "T-1", "")
    dataset = read(make(study(series_plans=(series(body_site=site),)))[0])
    region = dataset.AnatomicRegionSequence[0]
    scheme = dataset.CodingSchemeIdentificationSequence[0]
    assert region.CodeMeaning == "T-1"
    assert region.CodingSchemeDesignator.startswith("99")
    assert scheme.CodingSchemeDesignator == region.CodingSchemeDesignator
    assert scheme.CodingSchemeName == "http://our.hospital/parts"


@pytest.mark.parametrize(
    ("system", "scheme"),
    [
        ("http://snomed.info/sct", "SCT"),
        ("http://snomed.info/sct/731000124108", "SCT"),
        ("http://snomed.info/sct|http://snomed.info/sct/731000124108", "SCT"),
        ("http://loinc.org/", "LN"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "I10C"),
    ],
)
def test_a_code_system_of_fhir_has_the_standards_designator(system, scheme):
    assert codes.designator(system) == scheme


def test_a_code_whose_words_are_nothing_means_its_value():
    assert codes.item(Code(SNOMED, "51185008", "\0 "))["CodeMeaning"] == "51185008"


def test_a_code_without_a_value_is_not_written():
    assert codes.items((Code(SNOMED, " \0"), Code(SNOMED, "1"))) == codes.items((Code(SNOMED, "1"),))
    assert "AnatomicRegionSequence" not in read(
        make(study(series_plans=(series(body_site=Code("", "")),)))[0]
    )


def test_a_film_lies_as_its_view_says_and_a_part_that_is_not_paired_has_side_u():
    dataset = read(make(study(series_plans=(series(DX, 1, 1),)))[0])
    assert list(dataset.PatientOrientation) == ["L", "F"]
    assert (dataset.ViewPosition, dataset.ViewCodeSequence[0].CodeValue) == ("PA", "272479007")
    assert (dataset.ImageLaterality, dataset.PresentationLUTShape) == ("U", "IDENTITY")


@pytest.mark.parametrize(("side", "shown"), [("L", "L"), ("R", "R"), ("B", "B"), ("", "U")])
def test_an_image_has_the_side_of_its_body_part(side, shown):
    dataset = read(make(study(series_plans=(series(laterality=side),)))[0])
    assert dataset.ImageLaterality == shown
    assert "Laterality" not in dataset


def test_a_film_of_a_part_without_a_code_does_not_name_it():
    dataset = read(make(study(series_plans=(series(DX, 1, 1, body_site=Code("", "")),)))[0])
    assert (dataset.BodyPartExamined, list(dataset.AnatomicRegionSequence)) == ("", [])


def test_contrast_is_told_only_where_the_protocol_has_it():
    with_contrast = read(make(study())[0])
    assert with_contrast.ContrastBolusAgentSequence[0].CodeValue == "7140000"
    native = replace(series().shots[0].protocol, contrast="")
    assert "ContrastBolusAgent" not in read(make(study(series_plans=(series(protocol=native),)))[0])


def test_two_patients_whose_long_ids_begin_alike_stay_two():
    ids = {read(make(study(patient=patient(id="x" * 90 + end)))[0]).PatientID for end in "12"}
    assert len(ids) == 2


def test_an_issuer_that_is_a_name_has_no_universal_id():
    dataset = read(make(study(accession_issuer="Our RIS", patient=patient(issuer="Our clinic")))[0])
    assert dataset.IssuerOfAccessionNumberSequence[0].LocalNamespaceEntityID == "Our RIS"
    assert dataset.IssuerOfPatientID == "Our clinic"
    assert "IssuerOfPatientIDQualifiersSequence" not in dataset


def test_an_other_id_without_value_is_left_out():
    dataset = read(make(study(patient=patient(other_ids=(Identifier("s", " "),))))[0])
    assert "OtherPatientIDsSequence" not in dataset


def test_a_patient_who_lies_prone_is_prone():
    lying = Protocol("CT", "CT", "chest", 16, 16, pose="prone")
    assert read(make(study(series_plans=(series(protocol=lying),)))[0]).PatientPosition == "HFP"


MAPPED = {
    "ImagingStudy.identifier": (
        "StudyInstanceUID",
        "AccessionNumber",
        "IssuerOfAccessionNumberSequence",
        "StudyID",
    ),
    "ImagingStudy.subject": (
        "PatientName",
        "PatientID",
        "IssuerOfPatientID",
        "OtherPatientIDsSequence",
        "PatientBirthDate",
        "PatientSex",
    ),
    "ImagingStudy.started": ("StudyDate", "StudyTime", "TimezoneOffsetFromUTC"),
    "ImagingStudy.basedOn": ("RequestAttributesSequence",),
    "ImagingStudy.referrer": ("ReferringPhysicianName",),
    "ImagingStudy.interpreter": ("NameOfPhysiciansReadingStudy",),
    "ImagingStudy.procedureCode": ("ProcedureCodeSequence",),
    "ImagingStudy.location": ("InstitutionalDepartmentName", "InstitutionName"),
    "ImagingStudy.description": ("StudyDescription",),
    "series.uid": ("SeriesInstanceUID",),
    "series.number": ("SeriesNumber",),
    "series.modality": ("Modality",),
    "series.description": ("SeriesDescription",),
    "series.bodySite": ("BodyPartExamined", "AnatomicRegionSequence"),
    "series.laterality": ("ImageLaterality",),
    "series.started": ("SeriesDate", "SeriesTime"),
    "series.performer": ("PerformingPhysicianName",),
    "instance.uid": ("SOPInstanceUID",),
    "instance.sopClass": ("SOPClassUID",),
    "instance.number": ("InstanceNumber",),
    "instance.title": ("ImageComments",),
}
"""Elements of FHIR R4's mapping of ImagingStudy to DICOM that belong into image files."""


@pytest.mark.parametrize("sop_class", [CT, DX, CR])
@pytest.mark.parametrize("path", MAPPED)
def test_what_fhir_maps_to_dicom_is_written(path, sop_class):
    dataset = read(make(study(series_plans=(series(sop_class, 1, 1),)))[0])
    assert [keyword for keyword in MAPPED[path] if not dataset.get(keyword)] == []


@pytest.mark.parametrize(
    "keyword",
    [
        "NumberOfStudyRelatedInstances",
        "ModalitiesInStudy",
        "InstanceAvailability",
        "RetrieveURL",
        "StudyComments",
    ],
)
def test_what_only_queries_answer_is_not_in_the_files(keyword):
    assert keyword not in read(make(study())[0])


def test_the_protocol_is_the_same_in_every_instance_of_a_series():
    planned = series(DX, count=2)
    first = replace(planned.shots[0], frames=1, instances=planned.shots[0].instances[:1])
    lateral = replace(first.protocol, name="Chest lateral", view="LL")
    planned = replace(planned, shots=(first, replace(first, protocol=lateral)))
    plan = study(series_plans=(planned,))
    said = {
        KNOWN["general_series"].fill(Context(plan, planned, shot, frames(DX, 1)))["ProtocolName"]
        for shot in planned.shots
    }
    assert said == {"Chest PA, Chest lateral"}
