"""FHIR in: where studies come from, and how their JSON becomes a `StudyOrder`."""
