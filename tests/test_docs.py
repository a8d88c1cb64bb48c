"""Documents cannot lie: what they name exists, and what exists is named."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from fhir2dicom import plugs
from fhir2dicom.physics.modality import Modality
from fhir2dicom.settings import SETTINGS, variable

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DOCS = "\n".join(p.read_text() for p in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))))
REFERENCE = runpy.run_path(str(ROOT / "tools" / "reference.py"))


@pytest.mark.parametrize("page", sorted(REFERENCE["PAGES"]))
def test_pages_written_from_the_program_are_up_to_date(page: str) -> None:
    assert (ROOT / "docs" / page).read_text() == REFERENCE["PAGES"][page](), "run: python tools/reference.py"


def test_every_command_and_every_option_is_documented() -> None:
    commands = REFERENCE["commands"]()
    options = {o for c in commands.values() for p in c.params for o in p.opts if o.startswith("--")}
    assert {name for name in commands if f"`fhir2dicom {name}" not in README} == set()
    assert {o for o in options if o not in DOCS} == set()


def test_every_setting_is_documented() -> None:
    assert {s.name for s in SETTINGS if variable(s) not in DOCS} == set()
    assert {s.key for s in SETTINGS if s.key and s.key not in README} == set()


def test_every_modality_that_can_be_made_is_named_in_the_readme() -> None:
    names = {alias for m in plugs.load(Modality).values() for alias in m.aliases}
    assert {n for n in names if not re.search(rf"\b{n}\b", README)} == set()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z]+)`?", README)) - {"sure"}))
def test_make_commands_of_the_readme_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_commands_of_the_documents_exist() -> None:
    named = set(re.findall(r"^ *(?:\$ )?fhir2dicom ([a-z]+)\b|`fhir2dicom ([a-z]+)\b", DOCS, re.MULTILINE))
    assert {a or b for a, b in named} <= set(REFERENCE["commands"]())


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "NOTICE", "CHANGELOG.md"])
def test_files_that_documents_name_exist(document: str) -> None:
    text = (ROOT / document).read_text()
    paths = re.findall(
        r"\]\(((?!http|#)[^)]+)\)|\b((?:src|docs|tests|tools|benchmarks|examples|atlas)/[\w./]*\w)", text
    )
    assert {p for pair in paths for p in pair if p and not (ROOT / p.partition("#")[0]).exists()} == set()
