"""CT against formulas, on phantoms."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from ct_phantoms import BONE, WATER, Phantom, cylinder, identity, protocol

from fhir2dicom.model import Frames, Person, Protocol, Shot, Tissue
from fhir2dicom.physics.ct import CT, acquire
from fhir2dicom.seed import Seed

SEED = Seed("test")


def hu(frames: Frames, k: int) -> np.ndarray:
    return frames.render(k).astype(np.float64) * frames.slope + frames.intercept


def middle(image: np.ndarray, half: int = 40) -> np.ndarray:
    m = image.shape[0] // 2
    return image[m - half : m + half, m - half : m + half]


def scan(
    body: Phantom | None = None, frames: int = 5, setup: Protocol | None = None, seed: Seed = SEED
) -> Frames:
    return acquire(body or Phantom(), Shot(setup or protocol(), "", frames, ()), seed)


@pytest.mark.parametrize("value", [-900.0, -100.0, 0.0, 40.0, 900.0])
def test_a_uniform_part_has_the_mean_of_its_row(value):
    tissues = (Tissue("air", -1000.0), Tissue("stuff", value))
    frames = scan(Phantom(tissues=tissues))
    measured = np.mean([middle(hu(frames, k)).mean() for k in range(5)])
    assert abs(measured - value) < 1.0


@pytest.mark.parametrize(("phase", "value"), [("", 0.0), ("arterial", 100.0), ("portal-venous", 60.0)])
def test_contrast_medium_changes_the_tissues_that_take_it_up(phase, value):
    frames = scan(setup=protocol(contrast=phase))
    assert abs(middle(hu(frames, 2)).mean() - value) < 1.5
    assert ("ContrastBolusVolume" in frames.attributes) == bool(phase)


def test_noise_in_the_middle_follows_path_dose_and_thickness():
    frames = scan(frames=8)
    image = np.concatenate([middle(hu(frames, k), 16).ravel() for k in range(8)])
    mas = frames.frame_attributes(4)["XRayTubeCurrent"] * 0.5
    growth = math.exp(0.0193 * (200.0 - 300.0) / 2)
    expected = 13.5 * growth * math.sqrt(150.0 * 5.0 / (frames.attributes["SliceThickness"] * mas))
    assert abs(image.std() / expected - 1) < 0.12


def test_noise_is_higher_behind_more_tissue_and_lower_in_the_air():
    frames = scan(frames=4)
    images = np.stack([hu(frames, k) for k in range(4)])
    centre = images[:, 120:136, 120:136].std()
    edge = images[:, 120:136, 40:52].std()
    assert centre > 1.15 * edge


def test_thicker_slices_have_less_noise_as_the_root_of_the_thickness():
    thin = scan(frames=4, setup=protocol(thickness_mm=1.25))
    thick = scan(frames=4, setup=protocol(thickness_mm=5.0))
    ratio = np.std([middle(hu(thin, k)) for k in range(4)]) / np.std([middle(hu(thick, k)) for k in range(4)])
    assert abs(ratio - 2.0) < 0.2


@pytest.mark.parametrize(
    ("kernel", "low", "high"), [("soft", 0.2, 0.35), ("lung", 0.35, 0.6), ("bone", 0.35, 0.6)]
)
def test_noise_has_the_kernels_spectrum(kernel, low, high):
    frames = scan(frames=8, setup=replace(protocol(kernel), rows=384, columns=384))
    pixel = frames.attributes["PixelSpacing"][0]
    parts = [middle(hu(frames, k), 64) for k in range(8)]
    power = np.mean([np.abs(np.fft.fft2(p - p.mean())) ** 2 for p in parts], axis=0)
    f = np.fft.fftfreq(128, pixel)
    radius = np.hypot(f[:, None], f[None, :])
    rings = np.arange(0.0, 0.5 / pixel, 0.02)
    ring = [power[(radius >= r) & (radius < r + 0.02)].mean() for r in rings]
    assert low < np.average(rings + 0.01, weights=ring) < high


def test_a_landmark_lies_where_position_orientation_and_spacing_say():
    labels = cylinder()
    at = np.array([35.0, -22.0, 30.0])  # patient x, y, z
    z, y, x = np.ogrid[:48, :240, :240]
    ball = (x - 120 - at[0]) ** 2 + (y - 120 - at[1]) ** 2 + (z - at[2]) ** 2 < 36
    labels[ball] = BONE
    frames = scan(Phantom(labels), frames=20)
    stack = np.stack([hu(frames, k) for k in range(20)])
    k, j, i = np.argwhere(stack > 400).mean(0)
    first, second = (np.array(frames.frame_attributes(n)["ImagePositionPatient"]) for n in (0, 1))
    row, column = np.reshape(frames.attributes["ImageOrientationPatient"], (2, 3))
    down, across = frames.attributes["PixelSpacing"]
    found = first + (second - first) * k + row * across * i + column * down * j
    assert np.abs(found - at).max() < 0.6
    assert np.allclose(np.cross(row, column), [0, 0, 1])


def test_slices_are_equally_spaced_and_cover_the_region():
    frames = scan(frames=8)
    z = [frames.frame_attributes(k)["SliceLocation"] for k in range(8)]
    assert np.allclose(np.diff(z), -5.0)
    assert frames.attributes["SpacingBetweenSlices"] == 5.0
    assert (max(z) + 2.5, min(z) - 2.5) == (44.0, 4.0)


def test_a_single_slice_lies_in_the_middle_of_the_region():
    frames = scan(frames=1)
    assert frames.frame_attributes(0)["SliceLocation"] == 24.0
    assert "SpacingBetweenSlices" not in frames.attributes


def test_the_head_is_scanned_upwards_and_the_trunk_downwards():
    head, trunk = scan(setup=protocol("head", "head")), scan()
    assert head.frame_attributes(1)["SliceLocation"] > head.frame_attributes(0)["SliceLocation"]
    assert trunk.frame_attributes(1)["SliceLocation"] < trunk.frame_attributes(0)["SliceLocation"]


def test_slices_do_not_overlap_unless_thinner_than_half_a_millimetre():
    assert scan(frames=100).attributes["SliceThickness"] == 0.5
    assert scan(frames=20).attributes["SliceThickness"] == 2.0
    assert scan(frames=2).attributes["SliceThickness"] == 5.0


def test_the_field_of_view_fits_the_body_up_to_the_gantrys():
    frames = scan()
    assert frames.attributes["ReconstructionDiameter"] == 240.0
    assert frames.attributes["PixelSpacing"] == (240.0 / 256, 240.0 / 256)
    x, y, _ = frames.frame_attributes(0)["ImagePositionPatient"]
    assert x == y == pytest.approx(-120.0 + 120.0 / 256, abs=1e-3)


def test_a_slice_depends_on_its_number_only():
    one, other = scan(), scan()
    ahead = [one.render(k) for k in range(5)]
    back = [other.render(k) for k in reversed(range(5))][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(ahead, back, strict=True))


def test_another_seed_gives_other_noise_of_the_same_body():
    a, b = hu(scan(), 2), hu(scan(seed=Seed("another")), 2)
    assert not np.array_equal(a, b)
    assert abs(middle(a).mean() - middle(b).mean()) < 1.0


def test_texture_is_the_patients_and_not_the_scans():
    tissues = (Tissue("air", -1000.0), Tissue("rough", 0.0, 40.0))
    body = Phantom(tissues=tissues)
    a, b = (middle(hu(scan(body, seed=Seed(s)), 2)) for s in "ab")
    other = middle(hu(scan(replace(body, person=Person("another", "M", 40.0, 1.75, 75.0))), 2))
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.85
    assert abs(np.corrcoef(a.ravel(), other.ravel())[0, 1]) < 0.3


def test_a_thick_slice_averages_what_it_cuts():
    labels = cylinder()
    labels[24:] = 0
    frames = scan(Phantom(labels), frames=1, setup=protocol(thickness_mm=8.0))
    # z from 20 to 28; voxel planes 20 … 23 are water (to 23.5), above is air
    assert abs(middle(hu(frames, 0)).mean() - (-1000.0 * 4.5 / 8.0)) < 2.0


def test_a_tilted_body_is_cut_along_the_tilt():
    labels = cylinder()
    labels[24:] = 0
    frames = scan(Phantom(labels, warp=identity(tilt=0.2)), frames=1, setup=protocol(thickness_mm=1.0))
    row = hu(frames, 0)[128]
    pixel = frames.attributes["PixelSpacing"][0]
    edge = (np.argmax(row[60:200] < -500) + 60 - 127.5) * pixel  # where 24 + 0.2 x = 23.5
    assert abs(edge + 2.5) < 1.5


def _edge(kernel: str) -> tuple[float, float]:
    """Return 10–90 % width in mm and overshoot in HU of the cylinder's edge."""
    tissues = (Tissue("air", -1000.0), Tissue("water", 0.0))
    setup = replace(protocol(kernel, thickness_mm=5.0), rows=512, columns=512)
    frames = scan(Phantom(tissues=tissues), frames=8, setup=setup)
    pixel = frames.attributes["PixelSpacing"][0]
    images = np.mean([hu(frames, k) for k in range(8)], axis=0)
    j, i = np.indices(images.shape)
    radius = np.hypot(j - 255.5, i - 255.5) * pixel
    upper = j < 300  # clear of the table
    bins = np.arange(90.0, 110.0, 0.1)
    profile = np.array([images[upper & (radius >= b) & (radius < b + 0.1)].mean() for b in bins])
    low, high = bins[np.argmax(profile < -900)], bins[np.argmax(profile < -100)]
    return low - high, profile.max()


def test_the_skin_edge_is_one_to_two_millimetres_wide_with_a_soft_kernel():
    width, _ = _edge("soft")
    assert 1.0 <= width <= 2.0


def test_a_lung_kernel_is_sharper_and_overshoots():
    soft, _ = _edge("soft")
    lung, overshoot = _edge("lung")
    assert lung < soft
    assert overshoot > 20.0


def test_the_table_lies_under_the_body():
    frames = scan(setup=replace(protocol(), settings={"fov_mm": 300.0}))
    column = np.mean([hu(frames, k)[:, 128] for k in range(5)], axis=0)
    pixel = frames.attributes["PixelSpacing"][0]
    back = int((100.0 + 150.0) / pixel)
    assert column[back + 5 : back + 25].max() > -700
    assert column[: int(40 / pixel)].max() < -950


def test_stored_values_stay_in_twelve_bits():
    labels = cylinder()
    labels[:, 100:140, 100:140] = WATER
    tissues = (Tissue("air", -1000.0), Tissue("gold", 9000.0))
    frames = scan(Phantom(labels, tissues=tissues))
    image = frames.render(0)
    assert image.dtype == np.uint16
    assert image.max() == 4095
    assert frames.bits_stored == 12


def test_tube_attributes_agree_with_each_other():
    frames = scan()
    for k in range(5):
        own = frames.frame_attributes(k)
        shared = frames.attributes
        mas = own["XRayTubeCurrent"] * shared["ExposureTime"] / 1000.0
        assert own["Exposure"] == round(mas)
        assert own["CTDIvol"] == pytest.approx(0.068 * mas / shared["SpiralPitchFactor"], rel=0.02)
        assert shared["TableFeedPerRotation"] == pytest.approx(
            shared["SpiralPitchFactor"] * shared["TotalCollimationWidth"]
        )


def test_a_larger_body_gets_more_current():
    small = scan(Phantom(cylinder(70.0)))
    assert small.frame_attributes(2)["XRayTubeCurrent"] < scan().frame_attributes(2)["XRayTubeCurrent"]


def test_a_light_child_is_scanned_at_100_kv():
    child = Person("child", "F", 6.0, 1.15, 21.0)
    assert scan(Phantom(person=child)).attributes["KVP"] == 100
    assert scan(setup=protocol(kvp=80.0)).attributes["KVP"] == 80


@pytest.mark.parametrize(
    ("kernel", "name"), [("soft", "SOFT TISSUE"), ("lung", "LUNG"), ("bone", "BONE"), ("head", "BRAIN")]
)
def test_the_first_window_is_the_kernels(kernel, name):
    assert scan(setup=protocol(kernel)).windows[0].name == name


def test_the_volume_is_asked_for_once():
    asked = []

    class Counting(Phantom):
        def volume(self):
            asked.append(1)
            return super().volume()

    frames = acquire(Counting(), Shot(protocol(), "", 3, ()), SEED)
    [frames.render(k) for k in range(3)]
    assert len(asked) == 1


def test_ct_writes_ct_image_storage():
    assert CT.iods[0].sop_class == "1.2.840.10008.5.1.4.1.1.2"
    assert CT.regions == ("head", "chest", "abdomen", "chest-abdomen")
