"""Computed tomography: axial slices of a labelled body.

Geometry first (`Scan`), then one slice at a time: average over the slice's thickness and filter in the atlas
(`ct_plane`), read every pixel through the body's warp (`ct_render`), table under it (`ct_table`), noise with the kernel's
spectrum and an amplitude that follows the beam's path (`ct_dose`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from fhir2dicom.model import Attributes, Body, Box, Frames, Person, Protocol, Shot, Volume
from fhir2dicom.physics import ct_dose, ct_plane, ct_protocol, ct_render
from fhir2dicom.physics.ct_table import table
from fhir2dicom.physics.modality import Iod, Modality
from fhir2dicom.seed import Seed

SIDE = 384
"""Period of the noise tiles, pixels."""
LEVELS = 8.0
"""Steps of a noise tile in one standard deviation."""
TEXTURE_LEVELS = 6.0
FAT_NEAR = 0.3
"""A tissue so near to fat, in half widths, has its texture."""
THICK_MM = 5.0
"""Slice thickness when nobody says."""
LARGEST_FOV_MM = 500.0
MARGIN_MM = 12.0


@dataclass(frozen=True, slots=True)
class Scan:
    """Where the slices of a stack lie, patient mm."""

    rows: int
    columns: int
    pixel_mm: float
    left: float
    """x of the first pixel's centre."""
    front: float
    """y of the first pixel's centre."""
    first: float
    """z of slice 0."""
    step: float
    """z from one slice to the next: negative from head to feet."""
    thickness_mm: float

    @property
    def fov_mm(self) -> float:
        """Return the width of a slice."""
        return self.pixel_mm * self.columns

    def z(self, k: int) -> float:
        """Return the height of slice k."""
        return round(self.first + k * self.step, 4)


@dataclass(frozen=True, eq=False, slots=True)
class _Study:
    """What all slices of one acquisition share."""

    scan: Scan
    volume: Volume
    points: npt.NDArray[np.float32]
    """The field in atlas voxels, (3, k, j, i)."""
    hu: npt.NDArray[np.float32]
    sd: npt.NDArray[np.float32]
    fat_sd: float
    texture_at: npt.NDArray[np.int64]
    taps: tuple[float, float]
    gain: npt.NDArray[np.float32]
    """HU per noise step, (2, k, j, i): grain, streaks."""
    table: tuple[int, npt.NDArray[np.int16]]
    noise: npt.NDArray[np.int8]
    seed: Seed


def acquire(body: Body, shot: Shot, seed: Seed) -> Frames:
    """Scan a body: as many axial slices over its region as the shot has frames, each made when asked for.

    Stored pixels are HU + 1024 in 12 bits (uint16). Slices run from head to feet, those of the head upwards.
    """
    protocol, frames = shot.protocol, shot.frames
    volume, person, used = body.volume(), body.person, ct_protocol.technique(protocol)
    scan = plan_scan(body.field, protocol, frames)
    kernel = ct_protocol.kernel(protocol)
    beam = ct_dose.attenuation(volume)
    tube = _tube(beam, used)
    back = volume.to_atlas.origin[1] + beam.back * volume.to_atlas.spacing[1]
    hu, sd, fat_sd = _tissues(volume, protocol.contrast)
    volume = replace(volume, labels=_whole_words(volume.labels))
    study = _Study(
        scan=scan,
        volume=volume,
        points=_in_voxels(volume),
        hu=hu,
        sd=sd,
        fat_sd=fat_sd,
        texture_at=_texture_place(person),
        taps=kernel.taps(_voxel_mm(volume)),
        gain=_gain(beam, tube, kernel.noise_hu, scan.thickness_mm),
        table=_couch(scan, back, head=protocol.region == "head"),
        noise=_noise_tile(kernel.tile, scan.pixel_mm),
        seed=seed,
    )
    return Frames(
        count=frames,
        rows=scan.rows,
        columns=scan.columns,
        render=partial(_render, study),
        dtype=np.uint16,
        bits_stored=12,
        intercept=-1024.0,
        windows=kernel.windows,
        attributes={
            **ct_protocol.scanner(protocol, person, scan.fov_mm, back + 10.0 - _centre(scan)),
            **_geometry(scan, frames),
        },
        frame_attributes=partial(_slice_attributes, study, tube, protocol, person),
    )


def _couch(scan: Scan, back: float, *, head: bool) -> tuple[int, npt.NDArray[np.int16]]:
    """Return the couch under a body whose back is at y = ``back`` mm, as `ct_table.table` does."""
    middle = scan.left + scan.pixel_mm * (scan.columns - 1) / 2
    return table(back, scan.front, scan.left - middle, scan.pixel_mm, scan.columns, head=head)


def plan_scan(field: Box, protocol: Protocol, frames: int) -> Scan:
    """Lay ``frames`` slices over a region: equal steps, the field of view fitted to the body and centred on it."""
    (x0, y0, z0), (x1, y1, z1) = field.low, field.high
    wanted = math.ceil((max(x1 - x0, y1 - y0) + 2 * MARGIN_MM) / 10.0) * 10.0
    fov = protocol.settings.get("fov_mm", min(wanted, LARGEST_FOV_MM))
    step = math.floor((z1 - z0) / frames * 1000.0) / 1000.0
    thick = protocol.settings.get("thickness_mm", THICK_MM)
    pixel = fov / protocol.columns
    up = protocol.region == "head"
    half = step * (frames - 1) / 2
    return Scan(
        rows=protocol.rows,
        columns=protocol.columns,
        pixel_mm=pixel,
        left=round((x0 + x1) / 2 - pixel * (protocol.columns - 1) / 2, 4),
        front=round((y0 + y1) / 2 - pixel * (protocol.rows - 1) / 2, 4),
        first=round((z0 + z1) / 2 + (-half if up else half), 4),
        step=step if up else -step,
        thickness_mm=round(min(thick, max(step, 0.5)), 3),
    )


def _centre(scan: Scan) -> float:
    return scan.front + scan.pixel_mm * (scan.rows - 1) / 2


def _geometry(scan: Scan, frames: int) -> Attributes:
    spacing = {"SpacingBetweenSlices": round(abs(scan.step), 3)} if frames > 1 else {}
    return {
        "PatientPosition": "HFS",
        "ImageOrientationPatient": (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        "PixelSpacing": (scan.pixel_mm, scan.pixel_mm),
        "SliceThickness": scan.thickness_mm,
        **spacing,
    }


def _slice_attributes(
    study: _Study, tube: npt.NDArray[np.float64], protocol: Protocol, person: Person, k: int
) -> Attributes:
    scan = study.scan
    field = study.volume.to_atlas
    at = (scan.z(k) - field.origin[2]) / field.spacing[2]
    plane = min(max(round(at), 0), len(tube) - 1)
    return {
        "ImagePositionPatient": (scan.left, scan.front, scan.z(k)),
        "SliceLocation": scan.z(k),
        **ct_protocol.exposure(
            float(tube[plane]), ct_protocol.technique(protocol), ct_protocol.tube_voltage(protocol, person)
        ),
    }


def _tissues(volume: Volume, contrast: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], float]:
    """Return HU and texture by label, and the texture of fat; a label without a row is air."""
    hu, sd = np.full(256, -1000.0, np.float32), np.zeros(256, np.float32)
    fat_sd = 0.0
    for i, t in enumerate(volume.tissues):
        phase = {"arterial": t.hu_arterial, "portal-venous": t.hu_portal}.get(contrast)
        hu[i] = t.hu if phase is None else phase
        sd[i] = t.hu_sd / TEXTURE_LEVELS
        if abs(t.hu - ct_render.FAT_HU) * ct_render.FAT_WIDTH < FAT_NEAR:
            fat_sd, sd[i] = float(sd[i]), 0.0
    return hu, sd, fat_sd


def _whole_words(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return labels whose rows fill whole words: themselves, or a copy with air added."""
    rest = -labels.shape[2] % ct_plane.WORD
    return np.ascontiguousarray(np.pad(labels, ((0, 0), (0, 0), (0, rest))) if rest else labels)


def _in_voxels(volume: Volume) -> npt.NDArray[np.float32]:
    origin = np.array(volume.origin, np.float32)[:, None, None, None]
    spacing = np.array(volume.spacing, np.float32)[:, None, None, None]
    return np.ascontiguousarray((volume.to_atlas.points - origin) / spacing)


def _voxel_mm(volume: Volume) -> float:
    """Return how wide an atlas voxel is in the patient, mm: the mean over the middle row of the field."""
    x = volume.to_atlas.points[0, volume.to_atlas.points.shape[1] // 2, volume.to_atlas.points.shape[2] // 2]
    third = len(x) // 3
    voxels = float(abs(x[-1 - third] - x[third])) / volume.spacing[0]
    return (len(x) - 1 - 2 * third) * volume.to_atlas.spacing[0] / voxels


def _texture_place(person: Person) -> npt.NDArray[np.int64]:
    """Return where in the texture tile a patient's tissues lie: the same in every study."""
    place = Seed(person.key).child("texture")
    return np.array([place.child(axis).integer(128) for axis in "zyx"], np.int64)


def _tube(beam: ct_dose.Attenuation, used: ct_protocol.Technique) -> npt.NDArray[np.float64]:
    """Return the effective mAs at each plane of the field."""
    reference = math.exp(ct_dose.WATER_PER_MM * used.reference_mm / 2)
    mas = [
        ct_dose.milliampere_seconds(float(c), used.reference_mas, round(reference, 6)) for c in beam.centre
    ]
    return np.round(np.array(mas), 3)


def _gain(
    beam: ct_dose.Attenuation, tube: npt.NDArray[np.float64], noise_hu: float, thickness_mm: float
) -> npt.NDArray[np.float32]:
    """Return HU per noise step on the field's nodes, (2, k, j, i)."""
    reference = math.exp(ct_dose.WATER_PER_MM * 150.0)
    scale = noise_hu / LEVELS / reference * np.sqrt(150.0 * 5.0 / thickness_mm / tube)
    both = np.stack([beam.growth, beam.streak]) * scale.astype(np.float32)[None, :, None, None]
    return np.ascontiguousarray(both, dtype=np.float32)


@cache
def _tiles() -> Mapping[str, npt.NDArray[np.int8]]:
    with files("fhir2dicom.physics").joinpath("tiles/ct.npz").open("rb") as file, np.load(file) as stored:
        return {name: stored[name] for name in stored.files}


@cache
def _unrolled(name: str) -> npt.NDArray[np.int8]:
    """Return a noise tile repeated sideways, so that a row of any image lies in it in one piece."""
    return np.ascontiguousarray(np.tile(_tiles()[name], (1, 3)))


@cache
def _texture() -> npt.NDArray[np.int8]:
    """Return the texture tile with its first columns repeated at the end."""
    tile = _tiles()["texture"]
    return np.ascontiguousarray(np.concatenate((tile, tile[:, :, : ct_plane.PITCH]), axis=2))


def _noise_tile(kernel: str, pixel_mm: float) -> npt.NDArray[np.int8]:
    """Return the kernel's tile of the nearest pixel size: a kernel is fixed in lp/mm, not in pixels."""
    ratios = [max(p / pixel_mm, pixel_mm / p) for p in _tiles()["pixels"].tolist()]
    return _unrolled(f"{kernel}{ratios.index(min(ratios))}")


def _render(study: _Study, k: int) -> npt.NDArray[np.uint16]:
    """Make slice k."""
    scan, field, labels = study.scan, study.volume.to_atlas, study.volume.labels
    at = (scan.z(k) - field.origin[2]) / field.spacing[2]
    nodes = np.empty((3, *study.points.shape[2:]), np.float32)
    gain = np.empty((2, *study.points.shape[2:]), np.float32)
    ct_render.slice_nodes(study.points, at, nodes)
    ct_render.slice_nodes(study.gain, at, gain)
    height = ct_render.heights(nodes, *labels.shape[1:])
    half = 0.5 * max(1.0, scan.thickness_mm * ct_render.stretch(study.points, at) / field.spacing[2])
    plane, between, smooth = np.empty((3, *labels.shape[1:]), np.float32)
    ct_plane.average(labels, study.hu, study.sd, _texture(), study.texture_at, height, half, plane)
    ct_plane.filtered(plane, *study.taps, between, smooth)
    z, y, x = study.texture_at.tolist()
    fat = np.empty((_texture().shape[1], scan.columns), np.float32)
    ct_plane.grains(_texture(), (z + round(scan.z(k))) % len(_texture()), x + scan.left, scan.pixel_mm, fat)
    grain = study.seed.child("frame", k)
    out = np.empty((scan.rows, scan.columns), np.uint16)
    ct_render.sample(
        smooth,
        nodes,
        gain,
        ((scan.left - field.origin[0]) / field.spacing[0], (scan.front - field.origin[1]) / field.spacing[1]),
        (scan.pixel_mm / field.spacing[0], scan.pixel_mm / field.spacing[1]),
        study.table[1],
        study.table[0],
        study.noise,
        (grain.child("x").integer(SIDE), grain.child("y").integer(SIDE)),
        _unrolled("streaks"),
        fat,
        y + scan.front,
        scan.pixel_mm,
        study.fat_sd,
        out,
    )
    return out


CT = Modality(
    name="CT",
    aliases=("CT",),
    iods=(
        Iod(
            "1.2.840.10008.5.1.4.1.1.2",
            "CT",
            ("frame_of_reference", "image_plane", "contrast_bolus", "ct_image"),
        ),
    ),
    regions=("head", "chest", "abdomen", "chest-abdomen"),
    acquire=acquire,
)
