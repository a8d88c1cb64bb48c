from __future__ import annotations

import pytest
import yaml

from fhir2dicom.errors import SettingsError
from fhir2dicom.settings import SETTINGS, read_block, resolve, variable

BLOCK = {
    "enabled": True,
    "slices_per_study": {"CT": 30, "MR": 20},
    "compression": "none",
    "output_directory": "out",
}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "config.yaml"


def write(file, **block):
    file.write_text(yaml.safe_dump({"imaging": {"dicom_generation": block}, "other": {"x": 1}}))
    return file


def test_without_anything_said_the_defaults_hold():
    assert resolve({}, {}) == {s.name: s.default for s in SETTINGS}


def test_the_block_of_the_file_is_read(file):
    found = resolve({}, {}, write(file, **BLOCK))
    assert (found["enabled"], found["slices_per_study"], found["compression"], found["dicom_dir"]) == (
        True,
        {"CT": 30, "MR": 20},
        "none",
        "out",
    )


def test_a_flag_beats_the_environment_beats_the_file(file):
    write(file, slices_per_study=10)
    environment = {"FHIR2DICOM_SLICES_PER_STUDY": "20"}
    assert resolve({}, {}, file)["slices_per_study"] == 10
    assert resolve({}, environment, file)["slices_per_study"] == 20
    assert resolve({"slices_per_study": "CT=30, mr=5"}, environment, file)["slices_per_study"] == {
        "CT": 30,
        "MR": 5,
    }


def test_every_name_in_the_environment_is_upper_case_with_the_prefix():
    assert [variable(s) for s in SETTINGS] == [f"FHIR2DICOM_{s.name.upper()}" for s in SETTINGS]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("enabled", "maybe", "imaging.dicom_generation.enabled is 'maybe'; expected true or false"),
        ("enabled", 3, "enabled is 3; expected true or false"),
        ("slices_per_study", -1, "slices_per_study is -1; expected a whole number from 1"),
        ("slices_per_study", True, "slices_per_study is True; expected a whole number"),
        ("slices_per_study", 1.5, "slices_per_study is 1.5; expected a whole number"),
        ("slices_per_study", {"CT": "many"}, "slices_per_study is {'CT': 'many'}; expected"),
        ("slices_per_study", {1: 2}, "slices_per_study is {1: 2}; expected"),
        ("compression", "htj2k", r"compression is 'htj2k'; expected none \(others are not made yet\)"),
        ("compression", "zip", "compression is 'zip'; expected none or explicit-vr-le"),
        ("compression", [], r"compression is \[\]; expected a text"),
        ("output_directory", 7, "output_directory is 7; expected the path of a folder"),
        ("colour", "red", "dicom_generation.colour is 'red'; expected only compression, enabled"),
    ],
)
def test_a_wrong_value_is_named_with_file_key_value_and_what_was_expected(file, key, value, expected):
    with pytest.raises(SettingsError, match=expected) as raised:
        resolve({}, {}, write(file, **{key: value}))
    assert str(file) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_wrong_value_in_the_environment_names_the_variable():
    with pytest.raises(
        SettingsError, match="environment variable FHIR2DICOM_WORKERS is 'x'; expected a whole number"
    ):
        resolve({}, {"FHIR2DICOM_WORKERS": "x"})


def test_other_blocks_belong_to_others(file):
    file.write_text("imaging: {dicom_generation: {enabled: false}, viewer: {x: 1}}\nserver: [1, 2]\n")
    assert read_block(file) == {"enabled": False}


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 9))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no block imaging.dicom_generation"),
        ("imaging: 3", "no block"),
        ("a: [", "expected YAML"),
        ("a: b: c", r"config.yaml:1: .*expected YAML"),
        ("!!python/object/apply:os.system ['true']", "expected YAML"),
        ("a: \x00", "expected YAML"),
        (LAUGHS, "nested or aliased beyond measure"),
        ("[" * 3000, "nested or aliased beyond measure"),
        ("x" * (300 << 10), "larger than 256 KiB"),
        ("&a [*a]", "no block"),
        ("? {a: b}\n: c", "expected YAML"),
    ],
    ids=["empty", "number", "open", "colons", "tag", "nul", "laughs", "deep", "long", "loop", "unhashable"],
)
def test_a_file_that_is_no_configuration_is_one_line(file, text, expected):
    file.write_text(text)
    with pytest.raises(SettingsError, match=expected) as raised:
        read_block(file)
    assert "\n" not in str(raised.value)


def test_bytes_that_are_no_text_are_one_line(file):
    file.write_bytes(b"\xff\xfe\x00\xd8a: \x80")
    with pytest.raises(SettingsError, match="expected"):
        read_block(file)
