"""The head atlas: Colin27's T1 average read as tissue codes at 1 mm. See NOTICE for the data's terms.

usage: python atlas/build_head.py FOLDER      (ch2.nii.gz and ch2bet.nii.gz of Debian's mricron-data)
       writes src/fhir2dicom/anatomy/atlas/head.npz

MR shows neither bone nor air, so the skull is built: its inner table is the smoothed envelope of the brain, its
thickness the smoothed distance from there to the bright scalp, its base the dark voxels that are not sinus.
Codes are those of `fhir2dicom.anatomy.head_tissues.CODES`; mixtures keep partial volume at the surfaces that
are known better than a voxel.

Atlas frame: MNI space turned to LPS, mm: x to the left, y to the back, z up, 0 at the anterior commissure.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import scipy.ndimage as ni

from fhir2dicom.anatomy.head_tissues import CODE, STEPS

OUT = Path(__file__).parents[1] / "src/fhir2dicom/anatomy/atlas/head.npz"
PAD = ((0, 5), (12, 8), (14, 14))  # z, y, x: room for the tip of the nose and the ears
BALL = ni.generate_binary_structure(3, 1)


def load(name: str) -> np.ndarray:
    image = nib.as_closest_canonical(nib.load(Path(sys.argv[1]) / name))
    a = np.asanyarray(image.dataobj).transpose(2, 1, 0)[:, ::-1, ::-1].astype(np.float32)
    return np.pad(a, PAD)


def signed_distance(mask: np.ndarray, smooth: float = 0.0) -> np.ndarray:
    """Distance to the surface of a mask in mm, negative inside; `smooth` rounds it off first."""
    d = ni.distance_transform_edt(~mask) - ni.distance_transform_edt(mask)
    d = d - 0.5 * np.sign(d)
    return ni.gaussian_filter(d, smooth).astype(np.float32) if smooth else d.astype(np.float32)


def closed(mask: np.ndarray, radius: float) -> np.ndarray:
    """Close with a ball, and fill holes."""
    pad = int(radius) + 2
    grown = ni.distance_transform_edt(~np.pad(mask, pad)) < radius
    return ni.binary_fill_holes(ni.distance_transform_edt(grown) >= radius)[pad:-pad, pad:-pad, pad:-pad]


def smooth_noise(shape: tuple[int, ...], sigma: float, key: int) -> np.ndarray:
    n = ni.gaussian_filter(np.random.default_rng(key).standard_normal(shape), sigma)
    return (n / n.std()).astype(np.float32)


def mni(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """z, y, x of every voxel in atlas mm (broadcastable), and so the origin."""
    z, y, x = (np.arange(n, dtype=np.float32) for n in shape)
    return (
        (z - 71 - PAD[0][0])[:, None, None],
        (y - 91 - PAD[1][0])[None, :, None],
        (x - 90 - PAD[2][0])[None, None, :],
    )


def ellipsoid(where: tuple, centre: tuple, radii: tuple) -> np.ndarray:
    """Negative inside, about in mm near the surface. Centre and radii are x, y, z."""
    z, y, x = where
    q = np.sqrt(
        ((x - centre[0]) / radii[0]) ** 2
        + ((y - centre[1]) / radii[1]) ** 2
        + ((z - centre[2]) / radii[2]) ** 2
    )
    return ((q - 1) * min(radii)).astype(np.float32)


def brain_codes(a: np.ndarray, brain: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """CSF-grey-white mixtures from intensities, after taking off the coil's shading."""
    m = ni.binary_erosion(brain, BALL) & (a > 60)
    shade = ni.gaussian_filter(np.where(m, a, 0), 18) / np.maximum(
        ni.gaussian_filter(m.astype(np.float32), 18), 1e-3
    )
    even = a / np.maximum(shade, 1) * np.median(shade[m])
    count, edge = np.histogram(even[m], 120, (50, 170))
    count = ni.gaussian_filter1d(count.astype(float), 2.5)
    peaks = [
        i
        for i in range(1, 119)
        if count[i] > count[i - 1] and count[i] >= count[i + 1] and count[i] > 0.2 * count.max()
    ]
    grey, white = edge[peaks[0]], edge[peaks[-1]]
    csf = 44.0
    print("grey, white peaks", grey, white)
    f = np.where(even < grey, (even - csf) / (grey - csf), 1 + (even - grey) / (white - grey))
    code = CODE["csf"] + np.rint(np.clip(f, 0, 2) * STEPS)
    return np.where(inside, code, 0).astype(np.uint8)


def thickness(a: np.ndarray, d_in: np.ndarray) -> np.ndarray:
    """Skull thickness in mm at every voxel: from the inner table to the bright scalp, along the nearest way, smoothed."""
    index = ni.distance_transform_edt(d_in > 0, return_distances=False, return_indices=True)
    bright = (a > 105) & (d_in > 2.5) & (d_in < 13)
    nearest = np.full(a.shape, 99.0, np.float32)
    flat = np.ravel_multi_index([i[bright] for i in index], a.shape)
    np.minimum.at(nearest.ravel(), flat, d_in[bright])
    known = nearest < 90
    w = ni.gaussian_filter(known.astype(np.float32), 7)
    t = ni.gaussian_filter(np.where(known, nearest, 0), 7) / np.maximum(w, 1e-4)
    t = np.where(w > 2e-4, t, 6.5)
    t = ni.gaussian_filter(t, 4)
    print("thickness of the skull, quartiles", np.percentile(t[np.abs(d_in) < 1], (25, 50, 75)))
    return np.clip(0.82 * t, 5.0, 8.5)


def mixed(code: np.ndarray, where: np.ndarray, share: np.ndarray, first: str, steps: int = 8) -> None:
    """Write mixture codes: share 1/8 … 7/8 of the second tissue."""
    level = np.rint(share * steps).astype(int)
    hit = where & (level > 0) & (level < steps)
    code[hit] = CODE[first] + level[hit] - 1


def main() -> None:
    a, bet = load("ch2.nii.gz"), load("ch2bet.nii.gz") > 0
    where = mni(a.shape)
    z, y, x = where
    ax = np.abs(x)

    # surfaces
    head = ni.binary_closing(np.pad(a > 24, 12), BALL, iterations=9)[12:-12, 12:-12, 12:-12]
    head = np.stack([ni.binary_fill_holes(s) for s in head])
    part, n = ni.label(ni.binary_opening(head, BALL, iterations=2))
    head = part == 1 + np.argmax(ni.sum(head, part, range(1, n + 1)))
    d_head = signed_distance(head, 1.2)
    for side in (-1, 1):  # pinnae, cut off by the field of view
        outer = ellipsoid(where, (side * 84, 33, -38), (7, 17, 27))
        hollow = ellipsoid(where, (side * 90.5, 27, -36), (5.5, 10, 17))
        d_head = np.minimum(d_head, np.maximum(outer, -hollow))
    brain = ni.binary_fill_holes(ni.binary_closing(bet, BALL, iterations=3))
    upper = np.clip((z + 22) / 16, 0, 1)  # the vault is smooth, the base follows the lobes
    d_brain = (
        signed_distance(closed(brain, 5), 1.5) * (1 - upper) + signed_distance(closed(brain, 16), 3.0) * upper
    )
    for lo in np.arange(-1, 4, 0.5):
        shell = (d_brain >= lo) & (d_brain < lo + 0.5) & (z > 0)
        print("d", lo, "median T1", np.median(a[shell]))
    d_in = d_brain - INNER_MM
    inside = d_in < 0
    print("intracranial ml in the atlas, above -62 mm", (inside & (z > -62)).sum() / 1000)

    code = np.zeros(a.shape, np.uint8)
    code[d_head < 0] = CODE["muscle"]
    soft = (d_head < 0) & ~inside

    # soft tissue outside the skull: muscle and fat by brightness
    f = np.clip((ni.gaussian_filter(a, 0.4) - 80) / 45, 0, 1)
    code[soft] = (CODE["muscle"] + np.rint(f * 4)).astype(np.uint8)[soft]

    # dark: bone or air
    dark = soft & (a < 34) & (d_head < -2.0)
    sure = soft & (a < 26)
    anterior = (y < -4) & (ax < 50) & (z < -27) & (d_in > 1.0)
    nasal = (ax < 23) & (y < -6) & (z < -29) & (d_in > 1.5)
    cavity = ni.binary_opening(dark & anterior, BALL, iterations=3)
    cavity = ni.binary_dilation(cavity, BALL, iterations=2, mask=dark & anterior)
    air = (cavity | (dark & nasal)) & (d_head < -2.5)
    petrous = sure & (ax > 14) & (ax < 72) & (y > 2) & (y < 72) & (z < -18) & (z > -66)
    petrous = ni.binary_opening(petrous, BALL, iterations=1)
    bone = (dark & ~air & ~petrous) | (ni.binary_dilation(air, BALL) & ~air & soft & ~nasal & (a < 95))
    walled = ni.binary_closing(dark & ~air, BALL, iterations=4) & soft & ~air
    filled = ni.uniform_filter((dark & ~air).astype(np.float32), 7)
    marrow = walled & ~dark & (filled > 0.30) & (d_head < -7)
    share = np.clip((46 - a) / 26, 0, 1)
    code[bone & (share < 0.5)] = CODE["thin_bone"]
    code[bone & (share >= 0.5)] = CODE["cortical"]
    code[ni.binary_dilation(air, BALL) & ~air & soft & (code == CODE["cortical"])] = CODE["thin_bone"]
    code[marrow] = CODE["diploe"]

    # the skull: shell around the envelope, full in the vault, thin at the base
    t = thickness(a, d_in)
    plane = np.clip(
        (z - (-26 - 0.20 * (y + 70))) / 14 + 0.5, 0, 1
    )  # 0 base … 1 vault: front -26, back -58 mm
    side = np.clip((ax - 52) / 10, 0, 1) * np.clip((z + 46) / 10, 0, 1) * np.clip((30 - y) / 12, 0, 1)
    vault = np.maximum(plane, side)
    back = np.clip((y - 30) / 20, 0, 1)
    thick = t * vault + (1 - vault) * (2.0 + 2.2 * back)
    canal = np.clip((-58.0 - z) / 4, 0, 1) * (ax < 26)
    thick = thick * (1 - canal)
    d_out = d_in - thick
    scalp = (thick > 4.4) & (d_out >= 0) & (d_out < 9) & soft & ((z > -24) | (y > 60))
    code[scalp & np.isin(code, [CODE[n] for n in ("cortical", "thin_bone", "diploe")])] = CODE["muscle_fat_3"]
    shell = (d_in >= 0) & (d_out < 0) & (d_head < -2.5)
    full = shell & (thick > 4.4)
    code[shell] = CODE["cortical"]
    wobble = smooth_noise(a.shape, 2.5, 5) * 0.25
    code[full & (d_in > 1.5 + wobble) & (d_out < -1.7 + wobble)] = CODE["diploe"]
    sinus = np.minimum(
        ellipsoid(where, (10, -79, -26), (10, 6, 11)), ellipsoid(where, (-8, -79, -28), (9, 6, 9))
    ) + 1.2 * smooth_noise(a.shape, 3, 9)
    frontal = (sinus < 0) & (d_in > 1.3) & (d_head < -7)
    code[frontal] = CODE["frontal_sinus"]
    code[(sinus < 1.6) & ~frontal & (d_in > 0) & (d_head < -6) & (y < -60)] = CODE["cortical"]

    # petrous bone and mastoid cells
    code[petrous & ~shell] = CODE["petrous"]
    cells = smooth_noise(a.shape, 1.25, 3)
    mastoid = petrous & (ax > 40) & (y > 12) & (y < 62) & (z < -22) & (d_in > 2.0) & (d_head < -5)
    mastoid = ni.binary_erosion(mastoid, BALL)
    code[mastoid] = CODE["petrous"]
    code[mastoid & (cells > -0.35)] = CODE["mastoid_cell"]
    code[mastoid & (cells > 0.05)] = CODE["mastoid_air"]
    code[air] = CODE["air"]
    for sign in (-1, 1):  # ear canal and middle ear
        canal_mm = (
            np.hypot(y - 20 - 0.10 * (ax - 60), z + 41 + 0.05 * (ax - 60) + 0.004 * (ax - 66) ** 2) - 2.3
        )
        hit = (canal_mm < 0) & (ax > 50) & (ax < 78) & (x * sign > 0) & ~inside
        code[hit] = CODE["air"]

    # brain, dura, partial volume at the tables
    codes = brain_codes(a, brain, inside)
    rim = inside & ~ni.binary_erosion(brain, BALL) & (d_in > -3.5)
    codes[rim] = np.minimum(codes[rim], CODE["csf"] + int(0.45 * STEPS))
    code[inside] = codes[inside]
    middle = (
        inside
        & (ax < 1.3)
        & (codes < CODE["grey"] - 3)
        & ((z > 34) | ((z > 0) & (y < -45)) | ((z > 12) & (y > 50)))
    )
    code[ni.binary_opening(middle, np.ones((1, 3, 1))) & (d_in < -1)] = CODE["falx"]
    sagittal = inside & (ax < 5.5 + d_in) & (d_in > -6) & ((z > 30) | ((y > 60) & (z > 0)))
    code[sagittal] = CODE["blood"]
    edge = (np.abs(d_in) < 0.5) & (thick > 1.5) & (code != CODE["air"])
    mixed(code, edge, np.clip(0.5 + d_in, 0, 1), "csf_bone_1")
    rim = (np.abs(d_out) < 0.5) & (thick > 4.4) & (d_head < -2.5) & (code != CODE["air"])
    mixed(code, rim, np.clip(0.5 - d_out, 0, 1), "soft_bone_1")

    # eyes
    for side_x in (-30.5, 30.5):
        globe = ellipsoid(where, (side_x, -61.5, -38.5), (13.2, 13.2, 13.2))
        hit = (globe < 0) & ~inside & (d_head < -0.5)
        code[hit] = CODE["vitreous"]
        code[hit & (globe > -1.3)] = CODE["sclera"]
        lens = ellipsoid(where, (side_x, -71.3, -38.5), (5.0, 2.3, 5.0))
        code[(lens < 0) & hit] = CODE["lens"]
        lid = (ellipsoid(where, (side_x, -60, -38.5), (17, 17.5, 14)) < 0) & (y < -68) & (code == CODE["air"])
        code[lid & (d_head < 0)] = CODE["muscle"]

    # what calcifies in some adults, as soft tissue here
    code[(ellipsoid(where, (0, 31, 3), (2.6, 3.4, 2.4)) < 0)] = CODE["pineal"]
    for side_x in (-21, 21):
        plexus = ellipsoid(where, (side_x, 40, 10), (4.2, 5.0, 4.2)) + 1.0 * smooth_noise(a.shape, 1.5, 7)
        code[(plexus < 0) & inside & (codes < CODE["grey"] - 6)] = CODE["choroid"]

    # skin, with its edge to air
    code[(d_head < 0) & (d_head > -2.2) & (code != CODE["lens"])] = CODE["skin"]
    code[(d_head >= 0.5)] = CODE["air"]
    mixed(code, np.abs(d_head) < 0.5, np.clip(0.5 - d_head, 0, 1), "air_skin_1")

    origin = np.array([float(x.ravel()[0]), float(y.ravel()[0]), float(z.ravel()[0])])
    np.savez_compressed(OUT, labels=code, origin=origin)
    volume = (inside & (z > -62)).sum() / 1000
    print(OUT, OUT.stat().st_size, code.shape, origin, "intracranial ml", volume)


INNER_MM = 1.0
"""From the brain's envelope to the inner table: dura and the outer subarachnoid space."""

if __name__ == "__main__":
    main()
