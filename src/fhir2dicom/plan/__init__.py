"""Decide everything: a `StudyOrder` becomes a `StudyPlan`, with a note for every guess."""
