"""Which network of the catalogue a list of tensors belongs to, told by their names and shapes.

Nothing is asked of the file but names and shapes. The networks of one kind share their names, so
one of each kind is compared first, and only the kinds that resemble the file are looked at whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.facts import Candidate, Misfit
from cnnviz_gui.core.models.architectures import (
    Architecture,
    Shapes,
    architecture,
    is_auxiliary,
    modern,
    names_by_kind,
)

_NO_CONTEXT = NullContext()
MAX_CANDIDATES = 6
_LEAST = 0.1
"""Share of the tensors that must fit for a network to be a candidate at all."""
_MAX_PREFIXES = 6
_RESEMBLING = 0.6
"""Share of the likeness of the kind most like the file, down to which kinds are looked at."""
# What torch.compile and sharded training put between the names of modules.
_WRAPPED = re.compile(r"(?<![^.])(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class View:
    """Tensors of a file under the names they have without a prefix."""

    names: dict[str, str]
    """Names in the file, by those here."""
    shapes: Shapes
    prefix: str = ""
    """What was removed, ``module.model.``; empty for nothing."""
    beside: frozenset[str] = frozenset()
    """Names that did not have the prefix: they may be of another part of what was trained."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """How the tensors of a file fit one network."""

    architecture: Architecture
    view: View
    names: dict[str, str]
    """Names in the file, by the network's own."""
    missing: tuple[str, ...]
    misshapen: tuple[str, ...]
    unexpected: tuple[str, ...]
    """Names in the view that the network has no place for."""
    auxiliary: int
    """Tensors of heads that serve training only."""
    beside: int
    """Tensors without the prefix, for which there is no place either."""
    total: int
    classifier: str = ""
    """Where the file has the classifier, if elsewhere than the network."""

    @property
    def fitting(self) -> int:
        """Tensors of the network whose name and shape are in the file."""
        return self.total - len(self.missing) - len(self.misshapen)

    @property
    def likeness(self) -> float:
        """From 0, nothing in common, to 1, the same names and shapes."""
        return self.fitting / (self.total + len(self.unexpected))

    @property
    def headless(self) -> bool:
        """Whether of all tensors none but the classifier's is missing."""
        return bool(self.missing) and set(self.missing) == set(self.architecture.classifier)

    @property
    def exact(self) -> bool:
        """Whether the file has all of the network, its classifier aside, and little else."""
        usable = not self.misshapen and (not self.missing or self.headless)
        return usable and len(self.unexpected) <= self.total // 10

    @property
    def shapes(self) -> Shapes:
        """Shapes in the file, by the network's own names."""
        known = self.view.shapes
        return {name: known[there] for name, there in self._there() if there in known}

    @property
    def classes(self) -> int | None:
        """Rows of the classifier, None where there is none."""
        shape = self.shapes.get(self.architecture.classifier[0])
        return shape[0] if shape else None

    @property
    def channels(self) -> int | None:
        """What the first convolution reads, None where there is none."""
        shape = self.shapes.get(self.architecture.stem)
        return shape[1] if shape and len(shape) == 4 else None

    @property
    def input_size(self) -> int | None:
        """Side of the picture that the network's positions were learnt for, None without any."""
        return self.architecture.input_size(self.shapes)

    def misfits(self) -> tuple[Misfit, ...]:
        """Return all that differs, what is missing first."""
        wanted, found = self.architecture.shapes, self.shapes
        return (
            *(Misfit(name, "missing", wanted=wanted[name]) for name in self.missing),
            *(
                Misfit(
                    name,
                    "shape",
                    wanted=self.architecture.shape(name, found[name]),
                    found=found[name],
                )
                for name in self.misshapen
            ),
            *(Misfit(name, "unexpected", found=self.view.shapes[name]) for name in self.unexpected),
        )

    def candidate(self) -> Candidate:
        """Return what is told of the fit."""
        return Candidate(
            name=self.architecture.name,
            title=self.architecture.title,
            fitting=self.fitting,
            total=self.total,
            misfits=self.misfits(),
        )

    def _there(self) -> Iterator[tuple[str, str]]:
        back = {original: name for name, original in self.view.names.items()}
        return ((name, back[original]) for name, original in self.names.items())


def candidates(shapes: Shapes, ctx: Context = _NO_CONTEXT) -> tuple[Fit, ...]:
    """Return the networks that tensors of these names and shapes may be of, the likeliest first.

    Networks that fit equally well keep the order of the catalogue's kinds, the smaller one first.
    """
    found: list[Fit] = []
    for view in views(shapes):
        fits = []
        for known in _resembling(view, ctx):
            ctx.check()
            fits.append(fit(known, view))
        found += [one for one in fits if one.likeness >= _LEAST]
        if any(one.likeness == 1.0 for one in fits):
            break
    best: dict[str, Fit] = {}
    for one in sorted(found, key=lambda one: -one.likeness):
        best.setdefault(one.architecture.name, one)
    return tuple(best.values())[:MAX_CANDIDATES]


def fit_to(name: str, shapes: Shapes, ctx: Context = _NO_CONTEXT) -> Fit:
    """Return how tensors of these names and shapes fit a network of the catalogue.

    Raises
    ------
    ModelError
        There is no network of that name.
    """
    known = architecture(name)
    fits = []
    for view in views(shapes):
        ctx.check()
        fits.append(fit(known, view))
    return max(fits, key=lambda one: one.likeness)


def fit(known: Architecture, view: View) -> Fit:
    """Compare one network with one view of a file."""
    here = {known.modern(name): name for name in view.names}
    classifier = _moved_classifier(known, here, view)
    if classifier:
        here = _with_classifier(known, here, classifier)
    wanted = known.shapes
    missing = tuple(name for name in wanted if name not in here)
    misshapen = tuple(
        name
        for name in wanted
        if name in here and known.shape(name, view.shapes[here[name]]) != view.shapes[here[name]]
    )
    strangers = [name for name in here if name not in wanted and name not in known.computed]
    strangers = [name for name in strangers if not name.endswith("num_batches_tracked")]
    auxiliary = [name for name in strangers if is_auxiliary(name)]
    others = [name for name in strangers if not is_auxiliary(name)]
    unexpected = [name for name in others if here[name] not in view.beside]
    return Fit(
        architecture=known,
        view=view,
        names={name: view.names[here[name]] for name in wanted if name in here},
        missing=missing,
        misshapen=misshapen,
        unexpected=tuple(here[name] for name in unexpected),
        auxiliary=len(auxiliary),
        beside=len(others) - len(unexpected),
        total=len(wanted),
        classifier=classifier,
    )


def views(shapes: Shapes) -> Iterator[View]:
    """Give the tensors under their own names, then without one prefix, two, and so on.

    A prefix is what at least half of all names begin with. Whether removing it helps is for the
    comparison with the networks to tell: some names of theirs begin alike too.
    """
    names: dict[str, str] = {}
    for name in shapes:
        names.setdefault(_WRAPPED.sub("", name), name)
    view = View(names, {name: shapes[original] for name, original in names.items()})
    yield view
    for _ in range(_MAX_PREFIXES):
        inside = [name for name in view.names if name not in view.beside]
        firsts = Counter(name.partition(".")[0] for name in inside if "." in name)
        if not firsts:
            return
        first, count = firsts.most_common(1)[0]
        if 2 * count < len(inside):
            return
        view = _without(view, f"{first}.")
        yield view


def _without(view: View, prefix: str) -> View:
    inside = [n for n in view.names if n.startswith(prefix) and n not in view.beside]
    renamed = {name[len(prefix) :]: name for name in inside}
    taken = frozenset(inside)
    others = [name for name in view.names if name not in taken and name not in renamed]
    order = {**renamed, **{name: name for name in others}}
    return View(
        names={new: view.names[old] for new, old in order.items()},
        shapes={new: view.shapes[old] for new, old in order.items()},
        prefix=view.prefix + prefix,
        beside=frozenset(others),
    )


def _resembling(view: View, ctx: Context) -> list[Architecture]:
    """Return the networks of the kinds whose names are most like those of a file."""
    likeness: list[tuple[float, tuple[str, ...]]] = []
    plain = _outline(map(modern, view.names))
    for members in names_by_kind():
        ctx.step(0, 1)  # the first time each of these takes a moment
        known = architecture(members[0])
        ours = _outline_of(members[0])
        theirs = _outline(map(known.modern, view.names)) if known.aliases else plain
        likeness.append((len(ours & theirs) / max(1, len(ours | theirs)), members))
    most = max(share for share, _ in likeness)
    found = []
    for share, members in likeness:
        if share >= max(_RESEMBLING * most, _LEAST):
            for name in members:
                ctx.step(0, 1)
                found.append(architecture(name))
    return found


@lru_cache(maxsize=64)
def _outline_of(name: str) -> set[str]:
    return _outline(architecture(name).shapes)


def _outline(names: Iterable[str]) -> set[str]:
    """Return names with all numbers alike, so that depth plays no part."""
    return {_DIGITS.sub("#", name) for name in names if not name.endswith("num_batches_tracked")}


def _moved_classifier(known: Architecture, here: dict[str, str], view: View) -> str:
    """Return where a file has the classifier's weight, if the user put it elsewhere.

    Whoever trains for classes of their own often replaces ``fc`` by a sequence with dropout, and
    the one linear layer is then called ``fc.1``.
    """
    weight = known.classifier[0]
    if weight in here:
        return ""
    place, inputs = weight.partition(".")[0], known.shapes[weight][1]
    found = [
        name
        for name, there in here.items()
        if name.startswith(f"{place}.")
        and name.endswith("weight")
        and name not in known.shapes
        and len(view.shapes[there]) in (2, 4)
    ]
    fitting = [name for name in found if view.shapes[here[name]][1] == inputs]
    return fitting[0] if len(found) == len(fitting) == 1 else ""


def _with_classifier(known: Architecture, here: dict[str, str], weight: str) -> dict[str, str]:
    """Return the names with the classifier under the network's own."""
    moved = {weight: known.classifier[0]}
    if len(known.classifier) > 1:
        moved[f"{weight.removesuffix('weight')}bias"] = known.classifier[1]
    return {moved.get(name, name): there for name, there in here.items()}
