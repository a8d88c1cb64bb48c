"""What findings do to the teeth: each kind of `Edit` changes a dentition by the patient's own draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from fhir2dicom.anatomy.mouth_teeth import lose, with_work
from fhir2dicom.anatomy.mouth_works import FILLINGS
from fhir2dicom.model import Edit, Grown, Laterality
from fhir2dicom.model.mouth import Space, Tooth, Work
from fhir2dicom.seed import Seed


@dataclass(frozen=True, slots=True)
class Draft:
    """A mouth while findings change it."""

    age: float
    teeth: tuple[Tooth, ...]
    spaces: tuple[Space, ...]
    torus_mm: float = 0.0
    first: Laterality = "R"
    """The side that a lone film of the patient is of, where nobody says which."""

    def changed(self, tooth: Tooth) -> Draft:
        """Return the mouth with one tooth exchanged."""
        return replace(self, teeth=tuple(tooth if t.fdi == tooth.fdi else t for t in self.teeth))

    def without(self, tooth: Tooth, years: float, seed: Seed) -> Draft:
        """Return the mouth without a tooth."""
        kept = tuple(t for t in self.teeth if t.fdi != tooth.fdi)
        return replace(self, teeth=kept, spaces=(*self.spaces, lose(tooth, years, seed)))


Change = Callable[[Draft, Edit, Seed], Draft]


def edited(draft: Draft, grown: Sequence[Grown], seed: Seed) -> Draft:
    """Return the mouth with all findings that are known here, in the order of their kinds."""
    edits = [g for g in grown if isinstance(g, Edit) and g.kind in CHANGES]
    for edit in sorted(edits, key=lambda e: list(CHANGES).index(e.kind)):
        draft = CHANGES[edit.kind](draft, edit, seed.child("edit", edit.kind, edit.part))
    return draft


def _then(draft: Draft, edit: Edit, seed: Seed, numbers: str) -> list[int]:
    """Return the teeth of these places that were there when it happened, in an order of the patient's own.

    So two visits agree, whatever came of a tooth since. The side that the record names comes first; where it names none, sides
    alternate, beginning with that of which a lone film is made, since what the record says should be on it.
    """
    ago = _years(edit)
    there = [t.fdi for t in draft.teeth if t.erupted >= 1.0 and not _replaced(t, draft.age - ago)]
    there += [s.fdi for s in draft.spaces if s.years < ago]
    able = sorted(
        (f for f in there if str(f % 10) in numbers), key=lambda f: seed.child("choice", f).uniform()
    )
    right = [f for f in able if f // 10 in (1, 4, 5, 8)]
    left = [f for f in able if f not in right]
    first, second = (left, right) if (edit.laterality or draft.first) == "L" else (right, left)
    if edit.laterality in {"R", "L"}:
        return [*first, *second]
    pairs = [f for pair in zip(first, second, strict=False) for f in pair]
    return [*pairs, *first[len(second) :], *second[len(first) :]]


def _replaced(tooth: Tooth, age: float) -> bool:
    """Say whether there was an implant at an age."""
    return any(w.kind == "implant" and w.since <= age + 1.0 for w in tooth.works)


def _chosen(draft: Draft, edit: Edit, seed: Seed, numbers: str, count: int) -> list[Tooth]:
    """Return those of the first teeth of `_then` that are still there."""
    return [t for fdi in _then(draft, edit, seed, numbers)[:count] for t in draft.teeth if t.fdi == fdi]


def _years(edit: Edit) -> float:
    return max(0.05, edit.numbers.get("days", 365.0) / 365.25)


def _caries(draft: Draft, edit: Edit, seed: Seed) -> Draft:
    """Decay at contacts of back teeth, deeper with severity and time: no tooth that was crowned by then, no filled side."""
    since = draft.age - _years(edit)
    sound = [
        t for t in draft.teeth if not any(w.kind.startswith("crown") and w.since <= since for w in t.works)
    ]
    for tooth in _chosen(replace(draft, teeth=tuple(sound)), edit, seed, "4567", 2 + round(3 * edit.amount)):
        own = seed.child(tooth.fdi)
        side = 1 if own.child("side").uniform() < 0.5 else -1
        if any(w.side == side and w.since <= since for w in tooth.works):
            side = -side
        if any(w.kind.startswith("crown") or (w.side == side and w.since > since) for w in tooth.works):
            continue  # treated in the meantime
        size = min(1.6, 0.6 + 0.6 * edit.amount + 0.08 * _years(edit)) * own.child("size").uniform(0.8, 1.15)
        draft = draft.changed(with_work(tooth, Work("caries", side, round(size, 3), own.key(), since)))
    return draft


def _infection(draft: Draft, edit: Edit, seed: Seed) -> Draft:
    """One tooth with deep decay and bone gone at its apex."""
    for tooth in _chosen(draft, edit, seed, "4567", 1):
        own, since = seed.child(tooth.fdi), draft.age - _years(edit)
        size = round(0.8 + 0.7 * edit.amount, 3)
        deep = Work("caries", 1 if own.child("side").uniform() < 0.5 else -1, 1.6, own.key(), since)
        draft = draft.changed(with_work(tooth, deep, Work("apical", 0, size, own.key(), since)))
    return draft


def _gum_disease(draft: Draft, edit: Edit, seed: Seed) -> Draft:
    """Bone lost between teeth, uneven, and calculus on some necks."""
    mean = (0.3 + 2.4 * edit.amount) * min(1.0, max(0.15, (draft.age - 14.0) / 40.0))
    out = []
    for tooth in draft.teeth:
        if tooth.primary or tooth.erupted < 1.0:
            out.append(tooth)
            continue
        own = seed.child(tooth.fdi)
        more = [mean * own.child("bone", s).uniform(0.4, 1.7) for s in (0, 1)]
        loss = tuple(round(a + b, 3) for a, b in zip(tooth.bone_loss_mm, more, strict=True))
        scale = tuple(
            Work("calculus", s, round(own.child("spur", s).uniform(0.6, 1.3), 3), own.child("spur", s).key())
            for s in (1, -1)
            if own.child("calculus", s).uniform() < 0.25 + 0.4 * edit.amount
        )
        out.append(replace(tooth, bone_loss_mm=(loss[0], loss[1]), works=(*tooth.works, *scale)))
    return replace(draft, teeth=tuple(out))


def _impacted(draft: Draft, edit: Edit, seed: Seed) -> Draft:
    """Third molars that lie in the jaw against the second ones."""
    for tooth in [t for t in draft.teeth if t.number == 8]:
        own = seed.child(tooth.fdi)
        up = round(own.child("depth").uniform(0.35, 0.7), 3)
        down = (tooth.erupted - up) * 9.0 * (-1.0 if not tooth.upper else 1.0)
        lean = (
            own.child("lean").uniform(0.5, 1.45) if not tooth.upper else own.child("lean").uniform(-0.5, 0.3)
        )
        at = (
            tooth.at[0],
            round(tooth.at[1] + (1.5 if not tooth.upper else 0.0), 3),
            round(tooth.at[2] + down, 3),
        )
        draft = draft.changed(replace(tooth, erupted=up, tilt=round(lean, 3), at=at, works=()))
    del edit
    return draft


def _loss(draft: Draft, edit: Edit, seed: Seed) -> Draft:
    """Teeth lost: two to most of them."""
    back = _chosen(draft, edit, seed.child("back"), "4567", 2 + round(9 * edit.amount**2))
    front = _chosen(draft, edit, seed.child("front"), "123", round(7 * max(0.0, edit.amount - 0.45)))
    for tooth in (t for t in (*back, *front) if not t.primary):
        draft = draft.without(tooth, _years(edit) + seed.child("when", tooth.fdi).uniform(0.0, 6.0), seed)
    return draft


def _extraction(draft: Draft, edit: Edit, seed: Seed) -> Draft:
    """One or two back teeth taken out when the record says so."""
    ago = _years(edit)
    for fdi in _then(draft, edit, seed, "4567" if draft.age > 12 else "45")[: 1 + round(edit.amount)]:
        if tooth := next((t for t in draft.teeth if t.fdi == fdi), None):
            draft = draft.without(tooth, ago, seed)
        spaces = tuple(replace(s, years=max(s.years, ago)) if s.fdi == fdi else s for s in draft.spaces)
        draft = replace(draft, spaces=spaces)
    return draft


def _wisdom_out(draft: Draft, edit: Edit, seed: Seed) -> Draft:
    for tooth in [t for t in draft.teeth if t.number == 8]:
        draft = draft.without(tooth, _years(edit), seed)
    return draft


def _filling_trouble(draft: Draft, edit: Edit, seed: Seed) -> Draft:
    """Spoil a filling that is lost, loose, leaking or broken: decay under it, or the hole it leaves."""
    filled = [t for t in draft.teeth if any(w.kind in FILLINGS for w in t.works)]
    filled = filled or [
        with_work(t, Work("amalgam", 1, 1.0, seed.child("filling").key(), draft.age - 8.0))
        for t in _chosen(draft, edit, seed, "67", 1)
    ]
    for tooth in sorted(filled, key=lambda t: seed.child("choice", t.fdi).uniform())[:1]:
        filling = next(w for w in tooth.works if w.kind in FILLINGS)
        rest = tuple(w for w in tooth.works if w is not filling)
        kind = {"lost": "cavity", "fractured": "cavity"}.get(edit.part, filling.kind)
        under = Work(
            "recurrent", filling.side or 1, round(0.7 + 0.6 * edit.amount, 3), filling.key, draft.age
        )
        draft = draft.changed(replace(tooth, works=(*rest, replace(filling, kind=kind), under)))
    return draft


def _ridge(draft: Draft, edit: Edit, seed: Seed) -> Draft:
    """Sink the ridge where teeth are gone; without a gap the molars of one side go first."""
    if not draft.spaces:
        for tooth in _chosen(draft, edit, seed, "67", 3):
            draft = draft.without(tooth, _years(edit) + 3.0, seed)
    sunk = 1.5 + 4.0 * edit.amount
    return replace(
        draft, spaces=tuple(replace(s, resorbed_mm=round(s.resorbed_mm + sunk, 3)) for s in draft.spaces)
    )


def _torus(draft: Draft, edit: Edit, seed: Seed) -> Draft:
    del seed
    return replace(draft, torus_mm=round(3.0 + 5.0 * edit.amount, 2))


def _treated(draft: Draft, edit: Edit, seed: Seed) -> Draft:
    """Put in a filling, a root filling, a crown or an implant that the record dates: ``part`` says which."""
    since = draft.age - _years(edit)
    if edit.part == "implant":
        for tooth in _chosen(draft, edit, seed, "56", 1):
            screw = Work("implant", 0, 1.0, seed.child("screw").key(), since)
            draft = draft.changed(replace(tooth, works=(screw,)))
        return draft
    for tooth in _chosen(draft, edit, seed, "4567", 1):
        own = seed.child(tooth.fdi)
        kept = tuple(w for w in tooth.works if w.kind != "caries")
        new = {
            "filling": (
                Work("composite", 1 if own.child("side").uniform() < 0.5 else -1, 1.0, own.key(), since),
            ),
            "crown": (Work("crown-metal-ceramic", 0, 1.0, own.key(), since),),
            "root-filling": (
                Work("root-filling", 0, 1.0, own.key(), since),
                Work("composite", 0, 1.1, own.key(), since),
            ),
        }[edit.part]
        draft = draft.changed(replace(tooth, works=(*kept, *new)))
    return draft


CHANGES: Mapping[str, Change] = {
    "tooth-loss": _loss,
    "wisdom-extraction": _wisdom_out,
    "tooth-extraction": _extraction,
    "impacted-molars": _impacted,
    "ridge-resorption": _ridge,
    "dental-treatment": _treated,
    "gum-disease": _gum_disease,
    "filling-trouble": _filling_trouble,
    "tooth-infection": _infection,
    "caries": _caries,
    "torus": _torus,
}
"""By the kind of the edit, in the order in which they are done."""
