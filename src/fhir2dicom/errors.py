"""Every error this package raises on purpose.

Fhir2DicomError
├── SettingsError        a setting, an option or a configuration file is wrong
├── SourceError          the source as a whole could not be read
│   └── ResourceError    one resource is unusable; the run goes on without it
├── PlanError            nobody here can make what an order asks for
├── StoreError           the output folder could not be written
│   └── DiskFullError    there is no room for what was asked
└── ToolError            an external program is missing or failed

Bad input is a result: rooms that meet it return or yield a `model.Problem`; doors turn the rest
into one line and an exit code. Anything else that is raised is a bug.
"""

from __future__ import annotations


class Fhir2DicomError(Exception):
    """Base of all errors a caller may want to catch."""


class SettingsError(Fhir2DicomError):
    """A setting, an option or a configuration file is wrong."""


class SourceError(Fhir2DicomError):
    """The source as a whole could not be read."""


class ResourceError(SourceError):
    """One resource is unusable; carries where, so that the message can say it."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class PlanError(Fhir2DicomError):
    """Nobody here can make what an order asks for."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class StoreError(Fhir2DicomError):
    """The output folder could not be written."""


class DiskFullError(StoreError):
    """There is no room for what was asked."""


class ToolError(Fhir2DicomError):
    """An external program is missing or failed."""
