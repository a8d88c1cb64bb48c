"""Radiography: what one exposure of a body becomes. Geometry in `xray_project`, the picture in `xray_film`."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Body, Frames, Pixels, Protocol, Scene, Shot, Surface, Window
from fhir2dicom.physics import xray_beam, xray_chest, xray_exposure, xray_marker, xray_place
from fhir2dicom.physics.xray_display import display
from fhir2dicom.physics.xray_exposure import Exposure
from fhir2dicom.physics.xray_film import Detector, Quarter
from fhir2dicom.physics.xray_look import CHEST, Look, look_of
from fhir2dicom.physics.xray_place import Place
from fhir2dicom.physics.xray_project import (
    Camera,
    Path,
    add_surface,
    burn,
    integrate,
    mean,
    new_path,
    project,
    sum_up,
)
from fhir2dicom.physics.xray_report import BITS, report
from fhir2dicom.physics.xray_view import View, view_of
from fhir2dicom.seed import Seed

Map = npt.NDArray[np.float32]


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
    texture = Seed(body.person.key).child("lung texture", view.position)
    if scene.aim is None and xray_chest.has_lungs(scene):
        film, made = _chest(scene, protocol, texture, seed)
    else:
        film, made = _part(scene, shot, view, texture, seed)

    def render(k: int) -> Pixels:
        return _render(film, seed.child("film", k))

    return Frames(
        count=frames,
        rows=film.place.camera.rows,
        columns=film.place.camera.columns,
        render=render,
        dtype=np.uint16,
        bits_stored=BITS,
        windows=(Window(float(1 << (BITS - 1)), float(1 << BITS), "NORMAL"),),
        attributes=report(protocol, shot.laterality, film.place, made),
    )


def _chest(scene: Scene, protocol: Protocol, texture: Seed, seed: Seed) -> tuple[_Film, Exposure]:
    """Frame the lungs."""
    position = protocol.view if protocol.view in xray_chest.SETUPS else "PA"
    setup = xray_chest.SETUPS[position]
    place = xray_chest.place(scene, position, protocol, seed.child("shutter"))
    letter = setup.marker[seed.child("marker").integer(len(setup.marker))]
    marker = seed.child("film", 0).child("marker")
    corner = xray_marker.chest_corner(place, letter, lateral=position == "LL", seed=marker)
    made = xray_chest.expose(setup, protocol, place)
    detector = Detector(
        noise=0.0042 / (made.mas / 2.0) ** 0.5,
        scatter=setup.scatter,
        water_per_mm=xray_beam.CHEST.water_per_mm,
        texture=0.011,
        pixel_mm=place.camera.pixel_mm,
    )
    return _Film(scene, place, detector, CHEST, letter, corner, texture), made


def _part(scene: Scene, shot: Shot, view: View, texture: Seed, seed: Seed) -> tuple[_Film, Exposure]:
    """Aim where the scene says, else at the middle of the body."""
    protocol, marker = shot.protocol, seed.child("film", 0).child("marker")
    place = xray_place.place(scene, view.axes, protocol, seed.child("shutter"))
    beam = xray_beam.beam_of(protocol.settings.get("kvp", 70.0))
    scene = xray_beam.seen(scene, beam)
    look = look_of(protocol)
    body = xray_place.body_path(scene, place)
    letter = xray_marker.letter_of(shot.laterality, view.position, seed)
    corner = xray_marker.free_corner(body, place, letter, shot.laterality, marker)
    place = replace(place, thickness_mm=xray_place.thickness(body))
    water = xray_place.thickness(xray_place.body_path(scene, place, water=True))
    made = xray_exposure.expose(protocol, place, beam, water, seed)
    bone, spongy = xray_beam.bones(scene)
    detector = Detector(
        noise=made.noise * 0.14 / place.camera.pixel_mm,
        scatter=look.scatter,
        water_per_mm=beam.water_per_mm,
        texture=look.net * spongy,
        pixel_mm=place.camera.pixel_mm,
        bone=bone,
    )
    return _Film(scene, place, detector, look, letter, corner, texture), made


def _render(film: _Film, seed: Seed) -> Pixels:
    camera, scene, mu = film.place.camera, film.scene, np.float32(film.detector.water_per_mm)
    metal = tuple(s for s in scene.surfaces.values() if abs(s.weight) >= xray_beam.METAL)
    spongy = {n: s for n, s in scene.surfaces.items() if s.detail == "coarse" and (s.texture or _hollow(n))}
    plain = {n: s for n, s in scene.surfaces.items() if n not in spongy and abs(s.weight) < xray_beam.METAL}
    scene = replace(scene, surfaces=plain)
    path = project(scene, camera, coarse=False)
    fine = mean(path, 4) * mu
    half = camera.scaled(4 // film.look.soft_samples)
    whole = mean(project(scene, half, fine=False), film.look.soft_samples)
    net = np.zeros_like(whole)
    for weight, hollow in sorted({(s.weight, _hollow(n)) for n, s in spongy.items()}):
        part = _path(
            tuple(s for n, s in spongy.items() if (s.weight, _hollow(n)) == (weight, hollow)), half, film
        )
        net += part * np.float32(-1 if hollow else 1)
        whole += part * np.float32(weight)
    _burn(metal, camera, path)
    xray_marker.lay(path, film.place, film.letter, film.corner, seed.child("marker"))
    if film.look.lungs:
        net = _path(tuple(scene.surfaces[n] for n in xray_chest.LUNGS if n in scene.surfaces), half, film)
    own = [film.texture.child("shift", k).integer(512) for k in range(2)]
    shift = np.array([*(seed.child("shift", k).integer(512) for k in range(4)), *own], np.int64)
    quarter = Quarter(fine + whole * mu, fine, net)
    return display(path, quarter, film.detector, film.look, shift, film.place.shutter, BITS)


def _hollow(name: str) -> bool:
    """Return whether a surface is a canal in the marrow, without trabeculae."""
    return name.startswith("canal")


def _path(surfaces: tuple[Surface, ...], camera: Camera, film: _Film) -> Map:
    """Return the path through some surfaces at a quarter of the matrix, mm."""
    path = new_path(camera)
    for surface in surfaces:
        add_surface(path, camera, surface.vertices, surface.triangles, 1.0)
    return integrate(path, film.look.soft_samples)


def _burn(metal: tuple[Surface, ...], camera: Camera, path: Path) -> None:
    """Add metal to a film of path lengths, at the full matrix."""
    if metal:
        opaque = new_path(camera)
        for surface in metal:
            add_surface(opaque, camera, surface.vertices, surface.triangles, surface.weight)
        sum_up(opaque)
        burn(path, opaque)
