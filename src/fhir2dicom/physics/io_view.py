"""Where everything lies on a film inside the mouth: receptor, beam, and the teeth that it passes.

The receptor is held parallel to the teeth and the beam is square to it (paralleling technique), but for an error of aim.
Sizes of receptors: 0 for small children, 1 for fronts and older children, 2 for the rest, as sensors of those sizes measure
(about 17 × 23, 21 × 31 and 26 × 36 mm; makers differ).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin, tan

from fhir2dicom.model import Mouth, Protocol, Shot
from fhir2dicom.model.mouth import Space, Tooth
from fhir2dicom.seed import Seed

PIXEL_MM = 0.024
BITEWING = "BITEWING"
SIZES: tuple[tuple[int, int], ...] = ((720, 960), (880, 1280), (1080, 1500))
"""(short, long side) of receptors 0, 1 and 2, pixels of 0.024 mm."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A tooth on the film: where the middle of its neck falls, mm from the film's middle, and how it is turned."""

    tooth: Tooth
    x: float
    y: float
    yaw: float
    mirror: int
    """+1: mesial is to the right."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A space on the film."""

    space: Space
    x: float
    y: float
    half: float


@dataclass(frozen=True, slots=True)
class View:
    """One exposure."""

    bitewing: bool
    upper: bool
    """Of a periapical film: the jaw it shows."""
    right: bool
    middle: bool
    """Of the front: both sides of the midline."""
    front: bool
    size: int
    rows: int
    columns: int
    pixel_mm: float
    magnification: float
    placed: tuple[Placed, ...]
    gaps: tuple[Gap, ...]
    mirror: int
    middle_mm: float
    """Arch coordinate that falls on the film's middle."""
    bite_mm: float
    """Where the upper plane of the bite falls, mm below the film's middle."""
    open_mm: float
    """Between the upper and the lower plane of the bite."""

    @property
    def step_mm(self) -> float:
        """Return the pixel of the half-size matrix in which everything but noise is drawn."""
        return 2 * self.pixel_mm


def anchor_of(shot: Shot) -> int:
    """Return the tooth that the film is centred on, on the shot's side: ISO 3950."""
    anchor = int(shot.protocol.settings.get("tooth", 46.0))
    quadrant, number = divmod(anchor, 10)
    if number == 1:
        return anchor
    upper = quadrant in (1, 2)
    right = shot.laterality == "R" or (shot.laterality not in ("R", "L") and quadrant in (1, 4))
    return ((1 if right else 2) if upper else (4 if right else 3)) * 10 + number


def view_of(mouth: Mouth, shot: Shot, seed: Seed) -> View:
    """Return the geometry of one film; the error of aim is the shot's own."""
    protocol, anchor = shot.protocol, anchor_of(shot)
    bitewing, number = protocol.view == BITEWING, anchor % 10
    upper, right = anchor // 10 in (1, 2), anchor // 10 in (1, 4)
    front, middle = number <= 3, number == 1
    size = _size(mouth.age_years, bitewing=bitewing, front=front)
    rows, columns = _matrix(protocol, size, upright=front and not bitewing)
    pixel = protocol.settings.get("pixel_mm", PIXEL_MM)
    magnification = (1.03 if bitewing else 1.05) + seed.child("distance").uniform(0.0, 0.03)
    mirror = 1 if right or middle else -1
    target = _target(mouth, number, upper=upper, right=right, bitewing=bitewing)
    alpha = target[0] + seed.child("horizontal angle").normal(0.0, 0.035)
    if bitewing:
        alpha = (69 if number > 5 else 62) * pi / 180 + seed.child("horizontal angle").normal(0.0, 0.04)
    if middle:
        alpha = seed.child("horizontal angle").normal(0.0, 0.03)
    centre = target[1] * cos(alpha) + target[2] * sin(alpha) + seed.child("aim").normal(0.0, 1.2)
    centre = (
        seed.child("aim").normal(0.0, 1.3) if middle else centre - (2.0 if bitewing and number > 5 else 0.0)
    )
    half = rows * pixel / 2
    gap = seed.child("bite").uniform(-0.5, 0.7)
    bite = seed.child("height").normal(0.0, 0.4) - gap / 2
    if bitewing:
        reach = columns * pixel / 2 / magnification
        centre = _forwards(mouth, alpha, centre, reach, right=right) + seed.child("back").normal(0.0, 0.6)
    else:
        margin = half - 2.0 - seed.child("height").uniform(0.0, 2.0)
        bite, gap = (margin, 30.0) if upper else (-margin, 0.0)
    delta = seed.child("error").normal(0.0, 0.05)
    frame = (alpha, delta, centre, bite, gap, magnification, mirror)
    placed, gaps = _seen(
        mouth, frame, columns * pixel / 2 + 10.0, both=front and not bitewing, middle=middle, right=right
    )
    return View(
        bitewing, upper, right, middle, front, size, rows, columns, pixel, magnification,
        tuple(p for p in placed if bitewing or p.tooth.upper == upper),
        tuple(g for g in gaps if bitewing or g.space.upper == upper),
        mirror, centre, bite, gap,
    )  # fmt: skip


def _seen(
    mouth: Mouth, frame: Frame, reach: float, *, both: bool, middle: bool, right: bool
) -> tuple[list[Placed], list[Gap]]:
    """Return teeth and spaces within ``reach`` mm of the film's middle, of one side or both."""
    sides = ((True, 1), (False, -1)) if right or middle else ((False, 1), (True, -1))
    wanted = sides if both else sides[:1]
    placed = [p for s, sign in wanted for p in _teeth(mouth, s, sign, frame) if abs(p.x) < reach]
    gaps = [g for s, sign in wanted for g in _gaps(mouth, s, sign, frame) if abs(g.x) < reach]
    return placed, gaps


def _size(age: float, *, bitewing: bool, front: bool) -> int:
    if age < 6:
        return 0
    if age < 11:
        return 1
    return 2 if bitewing or not front else 1


def _matrix(protocol: Protocol, size: int, *, upright: bool) -> tuple[int, int]:
    short, long = SIZES[size]
    rows, columns = (long, short) if upright else (short, long)
    return 2 * (min(rows, protocol.rows) // 2), 2 * (min(columns, protocol.columns) // 2)


def _target(
    mouth: Mouth, number: int, *, upper: bool, right: bool, bitewing: bool
) -> tuple[float, float, float]:
    """Return direction of the arch, lateral and back of the place that the film is aimed at, tooth or no tooth."""
    standing = [
        t for t in mouth.teeth if t.right == right and (bitewing or t.upper == upper) and t.erupted > 0.6
    ]
    there = [(t.number, t.turn, t.at) for t in standing]
    there += [
        (s.fdi % 10, s.turn, s.at)
        for s in mouth.spaces
        if s.right == right and (bitewing or s.upper == upper)
    ]
    if not there:
        return 1.2, 22.0, 30.0
    near = min(abs(n - number) for n, _, _ in there)
    found = [(turn, at[0], at[1]) for n, turn, at in there if abs(n - number) == near]
    count = len(found)
    return (
        sum(f[0] for f in found) / count,
        sum(f[1] for f in found) / count,
        sum(f[2] for f in found) / count,
    )


def _forwards(mouth: Mouth, alpha: float, centre: float, reach: float, *, right: bool) -> float:
    """Return the centre of a bitewing, moved forwards until the last teeth that stand are near the rear edge of the film."""
    last = [
        t.at[0] * cos(alpha) + t.at[1] * sin(alpha) + 0.5 * t.solid.width_mm * t.scale[0]
        for t in mouth.teeth
        if t.right == right and t.erupted > 0.9
    ]
    return min(centre, max(last) + 2.0 - reach) if last else centre


Frame = tuple[float, float, float, float, float, float, int]


def _teeth(mouth: Mouth, right: bool, sign: int, frame: Frame) -> list[Placed]:  # noqa: FBT001 - a side
    """Return the teeth of one side: sign −1 for the side across the midline."""
    alpha, delta, *_ = frame
    out = []
    for tooth in mouth.teeth:
        yaw = round(sign * (alpha + delta) - tooth.turn, 5)
        if tooth.right == right and abs(yaw) < 1.25:
            x, y = _spot(tooth.at, tooth.upper, sign, frame)
            out.append(Placed(tooth, x, y, yaw, frame[6] * sign))
    return out


def _gaps(mouth: Mouth, right: bool, sign: int, frame: Frame) -> list[Gap]:  # noqa: FBT001 - a side
    out = []
    for space in mouth.spaces:
        yaw = sign * frame[0] - space.turn
        if space.right == right and abs(yaw) < 1.25:
            x, y = _spot(space.at, space.upper, sign, frame)
            out.append(Gap(space, x, y, 0.5 * space.width_mm * cos(yaw)))
    return out


def _spot(at: tuple[float, float, float], upper: bool, sign: int, frame: Frame) -> tuple[float, float]:  # noqa: FBT001
    """Return where a point of the arch falls on the film, mm."""
    alpha, delta, centre, bite, gap, magnification, mirror = frame
    across = sign * at[0] * cos(alpha) + at[1] * sin(alpha)
    depth = at[0] * sin(alpha) - sign * at[1] * cos(alpha)
    x = (centre - across - 0.35 * depth * tan(delta)) * mirror * magnification
    y = (-at[2] + (0.0 if upper else gap)) * magnification + bite
    return round(x, 4), round(y, 4)
