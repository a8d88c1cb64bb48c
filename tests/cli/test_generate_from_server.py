from __future__ import annotations

import json

import pytest
from fhir_server import FhirServer
from hand_fhir import patient, run, study

from fhir2dicom.source import client


@pytest.fixture
def server():
    served = FhirServer()
    served.resources = [patient("ann"), patient("bob"), study("nm-1", "bob", "NM")]
    served.resources += [study(f"ct-{k}", "ann" if k % 2 else "bob", instances=1) for k in range(5)]
    yield served
    served.close()


@pytest.mark.parametrize("how", ["source", "flag", "environment"])
def test_a_server_is_named_in_any_way(server, tmp_path, monkeypatch, how):
    monkeypatch.setenv("FHIR2DICOM_HAPI_URL", server.base if how == "environment" else "")
    words = {"source": [server.base], "flag": ["--hapi-url", server.base], "environment": []}[how]
    result = run("generate", *words, "--dicom-dir", tmp_path / "out", "--workers", 1, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["made"], told["skipped"], told["failed"]) == (5, 1, 0)


def test_only_one_patient_and_only_so_many_studies(server, tmp_path):
    words = ("generate", "--hapi-url", server.base, "--dicom-dir", tmp_path / "out", "--workers", 1, "--json")
    told = json.loads(run(*words, "--patient-id", "ann", "--max-studies", 1).stdout)
    assert (told["made"], told["skipped"]) == (1, 0)
    told = json.loads(run(*words, "--patient-id", "ann").stdout)
    assert (told["made"], told["unchanged"]) == (1, 1)


def test_a_token_goes_to_the_server_and_nowhere_else(server, tmp_path):
    (tmp_path / "token").write_text("sesame\n")
    words = ("--auth-token-file", tmp_path / "token", "--dicom-dir", tmp_path / "out", "--workers", 1)
    result = run("-vv", "generate", server.base, "--max-studies", 1, *words)
    assert {h.get("Authorization") for h in server.headers} == {"Bearer sesame"}
    assert "sesame" not in result.output


def test_a_server_that_fails_in_the_middle_loses_nothing_that_was_made(server, tmp_path, monkeypatch):
    monkeypatch.setattr(client, "TRIES", 2)  # the waits between tries grow
    server.resources += [study(f"nm-{k}", "bob", "NM") for k in range(60)]
    server.hooks.append(lambda _, target, __: (500, {}, b"") if "_getpages" in target else None)
    result = run("generate", server.base, "--dicom-dir", tmp_path / "out", "--workers", 1, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["made"], told["failed"]) == (5, 1)
    assert any("500" in p["message"] for p in told["problems"])
