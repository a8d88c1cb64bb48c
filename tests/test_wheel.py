"""The wheel holds all that it needs, wherever it is installed."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

WHEELS = Path(__file__).parents[1] / "tools" / "wheels.py"


@pytest.mark.slow
def test_the_wheel_installs_into_an_empty_environment_and_makes_a_film(tmp_path: Path) -> None:
    wheels = runpy.run_path(str(WHEELS))
    built = wheels["wheel"](tmp_path)
    assert built.stat().st_size < 20_000_000
    assert wheels["installed"](Path(sys.executable), built, tmp_path) == ""
