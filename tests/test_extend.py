"""What is added by one file or one row is added by one file or one row."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXTEND = Path(__file__).parents[1] / "benchmarks" / "extend.py"


@pytest.mark.slow
def test_a_modality_a_region_a_finding_and_a_protocol_are_one_file_or_one_row_each_and_are_made(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    found = runpy.run_path(str(EXTEND))["report"](tmp_path_factory.mktemp("extend-"))
    assert {what: files for what, (files, _) in found.items() if len(files) != 1} == {}
    assert found["protocol"][0] == ["plan/protocol_rows_ct.py (+1 -0)"]
    assert found["modality"][1].startswith("1 files: RF, CHEST")
    assert found["region"][1].startswith("40 files: CT, AXILLA, CT axilla")
    assert found["finding"][1].endswith("with a calcified granuloma")
    assert found["protocol"][1].startswith("40 files: CT, CHEST, CT chest sharp")
