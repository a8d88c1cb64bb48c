"""What the tests of sources share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fhir_server import FhirServer


@pytest.fixture
def server() -> Iterator[FhirServer]:
    running = FhirServer()
    yield running
    running.close()


@pytest.fixture
def fhir_data() -> Path:
    return Path(__file__).parents[1] / "data" / "fhir"
