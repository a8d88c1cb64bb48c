"""Radiography: what one exposure of a body becomes. Geometry in `xray_project`, the picture in `xray_film`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fhir2dicom.model import Body, Frames, Pixels, Scene, Shot, Window
from fhir2dicom.physics import xray_chest, xray_marker, xray_place
from fhir2dicom.physics.xray_display import display
from fhir2dicom.physics.xray_film import WATER_PER_MM, Detector, Quarter
from fhir2dicom.physics.xray_look import CHEST, Look, look_of
from fhir2dicom.physics.xray_place import Place
from fhir2dicom.physics.xray_project import draw, integrate, new_path
from fhir2dicom.physics.xray_report import BITS, report
from fhir2dicom.physics.xray_view import view_of
from fhir2dicom.seed import Seed


@dataclass(frozen=True, eq=False, slots=True)
class _Film:
    """All that one exposure needs but its noise."""

    scene: Scene
    place: Place
    detector: Detector
    look: Look
    letter: str
    corner: tuple[float, float]
    texture: Seed


def acquire(body: Body, shot: Shot, seed: Seed) -> Frames:
    """Return one exposure, for presentation: P-values of 12 bits, bone white.

    A scene that says what to aim at is collimated to it; one that does not is a chest, framed on its lungs. Settings
    read: ``kvp``, ``mas`` (through a standard adult), ``sid_mm``, ``pixel_mm``, ``grid``, and those of `view_of`. A film
    is one frame; the shot's ``frames`` says how often it is repeated.
    """
    protocol, frames = shot.protocol, shot.frames
    view = view_of(protocol, shot.laterality)
    chest = xray_chest.SETUPS.get(protocol.view, xray_chest.SETUPS["PA"])
    scene = body.scene(protocol.pose or chest.pose, shot.laterality)
    marker = seed.child("film", 0).child("marker")
    if scene.aim is None:
        position = protocol.view if protocol.view in xray_chest.SETUPS else "PA"
        place = xray_chest.place(scene, position, protocol, seed.child("shutter"))
        letter = chest.marker[seed.child("marker").integer(len(chest.marker))]
        corner = xray_marker.chest_corner(place, letter, lateral=position == "LL", seed=marker)
        standard, at, doubling = chest.milliampere_seconds, chest.thickness_mm, chest.doubling_mm
        look, scatter, current = CHEST, chest.scatter, chest.tube_current_ma
    else:
        place = xray_place.place(scene, view.axes, protocol, seed.child("shutter"))
        letter = xray_marker.letter_of(shot.laterality, view.position, seed)
        corner = xray_marker.free_corner(scene, place, letter, shot.laterality, marker)
        look = look_of(protocol)
        standard, at, doubling = look.milliampere_seconds, look.thickness_mm, look.doubling_mm
        scatter, current = look.scatter, 320.0
    standard = protocol.settings.get("mas", standard)
    exposure = standard * _power_of_two((place.thickness_mm - at) / doubling)
    exposure = round(min(max(exposure, 0.4), 400.0), 2)
    detector = Detector(noise=0.0042 / (exposure / 2.0) ** 0.5, scatter=scatter, texture=0.011)
    texture = Seed(body.person.key).child("lung texture", view.position)
    film = _Film(scene, place, detector, look, letter, corner, texture)

    def render(k: int) -> Pixels:
        return _render(film, seed.child("film", k))

    return Frames(
        count=frames,
        rows=place.camera.rows,
        columns=place.camera.columns,
        render=render,
        dtype=np.uint16,
        bits_stored=BITS,
        windows=(Window(float(1 << (BITS - 1)), float(1 << BITS), "NORMAL"),),
        attributes=report(protocol, view, place, exposure, current),
    )


def _render(film: _Film, seed: Seed) -> Pixels:
    camera, scene = film.place.camera, film.scene
    path = new_path(camera)
    draw(scene, camera, path, coarse=False)
    xray_marker.lay(path, film.place, film.letter, film.corner, seed.child("marker"))
    mu = np.float32(WATER_PER_MM)
    fine, small = integrate(path, 4) * mu, camera.scaled(4)
    rest = new_path(small)
    draw(scene, small, rest, fine=False)
    quarter = Quarter(fine + integrate(rest, 1) * mu, fine, xray_chest.lung_path(scene, small))
    own = [film.texture.child("shift", k).integer(512) for k in range(2)]
    shift = np.array([*(seed.child("shift", k).integer(512) for k in range(4)), *own], np.int64)
    return display(path, quarter, film.detector, film.look, shift, film.place.shutter, BITS)


def _power_of_two(x: float) -> float:
    """Return 2ˣ to nine digits, the same on every machine."""
    return float(round(2.0**x, 9))
