"""What a file of weights does not say, as the user answers it: from a report to a network."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import Candidate, CatalogueEntry, Expected, Misfit
from cnnviz_gui.core.request import CheckpointRef, ModelRef
from cnnviz_gui.core.result import CheckpointReport, NormalisationGuess
from cnnviz_gui.texts import ntr, tr

Triple = tuple[float, float, float]
LEAST_SIZE, LARGEST_SIZE = 16, 2048
_MANY_LEFT = 10
"""More than this fraction of tensors left over makes an architecture doubtful."""
OWN = "own"
ARCHITECTURE = "architecture"
_SATURATED = 0.9995
"""From here on a probability is shown as > 99.9 % or 100 %."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A usual normalisation."""

    key: str
    title: str
    mean: Triple
    std: Triple


PRESETS: tuple[Preset, ...] = (
    Preset("imagenet", "ImageNet", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    Preset("half", tr("−1 to 1"), (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    Preset("unit", tr("0 to 1"), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    Preset("tensorflow", tr("127 and 128, as in TensorFlow"), (127 / 255,) * 3, (128 / 255,) * 3),
    Preset("cifar", "CIFAR-10", (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
    Preset("bytes", tr("0 to 255"), (0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255)),
    Preset(
        "caffe",
        tr("0 to 255 less the mean, as in Caffe"),
        (0.485, 0.456, 0.406),
        (1 / 255, 1 / 255, 1 / 255),
    ),
)
"""Those that the probe tries; named here once more, for they come with torch there."""


@dataclass(frozen=True, slots=True)
class CheckpointForm:
    """The answers so far."""

    path: str
    sha256: str = ""
    architecture: str = ""
    """Name of the chosen candidate; empty where the file is a network of its own."""
    labels: tuple[str, ...] = ()
    """Class names; empty for those of the architecture."""
    mean: Triple | None = None
    """None for that of the architecture, as for ``std``."""
    std: Triple | None = None
    input_size: int | None = None
    """None for that of the architecture."""
    insists: bool = False
    """The user wants it opened although it was refused as damaged."""

    @property
    def preset(self) -> str:
        """Key of the normalisation, ``OWN`` for numbers of one's own."""
        if self.mean is None or self.std is None:
            return ARCHITECTURE
        fits = (p.key for p in PRESETS if _near(p.mean, self.mean) and _near(p.std, self.std))
        return next(fits, OWN)


def begin(report: CheckpointReport) -> CheckpointForm:
    """Return the form for a file, with what was answered for it before."""
    known = [candidate.name for candidate in report.candidates]
    chosen = report.architecture if report.architecture in known else next(iter(known), "")
    form = CheckpointForm(report.path, report.sha256, chosen)
    before = report.remembered
    if before is None:
        return form
    return dataclasses.replace(
        form,
        labels=before.labels,
        mean=before.mean,
        std=before.std,
        input_size=before.input_size,
    )


def candidate(form: CheckpointForm, report: CheckpointReport) -> Candidate | None:
    """Return the chosen architecture, None where nothing fits."""
    return next((c for c in report.candidates if c.name == form.architecture), None)


def expected(form: CheckpointForm, report: CheckpointReport) -> Expected | None:
    """Return what the network takes where nothing else is said, None where that is not known."""
    if is_program(report):
        return report.expected
    chosen = candidate(form, report)
    return chosen.expected if chosen is not None else None


def with_preset(form: CheckpointForm, key: str) -> CheckpointForm:
    """Return the form with a usual normalisation, or with that of the architecture."""
    preset = next((p for p in PRESETS if p.key == key), None)
    if preset is None:
        return dataclasses.replace(form, mean=None, std=None)
    return dataclasses.replace(form, mean=preset.mean, std=preset.std)


def typed_labels(text: str) -> tuple[str, ...]:
    """Return the class names of a text, one a line; blank lines at the end do not count."""
    return tuple(line.strip() for line in text.strip("\n").splitlines()) if text.strip() else ()


@dataclass(frozen=True, slots=True)
class Check:
    """How the class names fit the file."""

    words: str
    tone: Literal["text2", "success", "warning"]


def check_labels(labels: Sequence[str], classes: int | None, entry: CatalogueEntry | None) -> Check:
    """Compare how many names there are with how many classes.

    ``entry`` is the architecture's, whose own names serve where the count is the same.
    """
    if classes is None:
        return Check(tr("The file has no classifier, so there are no classes to name."), "text2")
    many = tr("{count} classes", count=fmt.count(classes))
    if not labels:
        if entry is not None and entry.classes == classes:
            return Check(
                tr(
                    "{classes}: the names are those of {data}.",
                    classes=many,
                    data=_trained_on(entry),
                ),
                "text2",
            )
        return Check(
            tr("{classes} without names: they are shown by their numbers.", classes=many), "warning"
        )
    said = ntr("{count} name", "{count} names", len(labels), count=fmt.count(len(labels)))
    counts = {"names": said, "classes": many}
    if len(labels) == classes:
        different = len(set(labels))
        if different < len(labels):
            return Check(
                tr(
                    "{names} for {classes}, only {different} of them different.",
                    different=different,
                    **counts,
                ),
                "warning",
            )
        return Check(tr("{names} for {classes}.", **counts), "success")
    if len(labels) < classes:
        return Check(
            tr("{names} for {classes}: the others are shown by their numbers.", **counts), "warning"
        )
    return Check(
        tr(
            "{names} for {classes}: the last {left} are not used.",
            left=len(labels) - classes,
            **counts,
        ),
        "warning",
    )


def _trained_on(entry: CatalogueEntry) -> str:
    return "ImageNet" if entry.classes == 1000 else entry.title


def completed(labels: Sequence[str], classes: int | None) -> tuple[str, ...]:
    """Return as many names as there are classes: numbers where they end early."""
    if not labels or classes is None:
        return tuple(labels)
    return tuple(labels[place] if place < len(labels) else str(place) for place in range(classes))


def hindrances(form: CheckpointForm, report: CheckpointReport) -> tuple[str, ...]:
    """Return why what is opened would not be whole, a sentence each; empty where it is."""
    chosen = candidate(form, report)
    said = list(report.problems)
    if chosen is None:
        return tuple(said)
    left = sum(misfit.kind == "unexpected" for misfit in chosen.misfits)
    missing = len(chosen.misfits) - left
    if missing and not report.problems:
        random = ntr(
            "{count} tensor of {network} would keep random values.",
            "{count} tensors of {network} would keep random values.",
            missing,
            count=fmt.count(missing),
            network=chosen.title,
        )
        said.append(random)
    if left > chosen.total // _MANY_LEFT:
        placeless = ntr(
            "{count} tensor of the file would have no place in {network}.",
            "{count} tensors of the file would have no place in {network}.",
            left,
            count=fmt.count(left),
            network=chosen.title,
        )
        said.append(placeless)
    return tuple(said)


def _tensors(count: int) -> str:
    return ntr("{count} tensor", "{count} tensors", count, count=fmt.count(count))


def model(form: CheckpointForm, report: CheckpointReport) -> ModelRef:
    """Return the network to open."""
    return ModelRef(
        name=form.architecture,
        checkpoint=CheckpointRef(
            path=form.path,
            sha256=form.sha256,
            labels=completed(form.labels, report.classes),
            mean=form.mean,
            std=form.std,
            input_size=form.input_size,
            damaged=form.insists or bool(hindrances(form, report)),
        ),
    )


def again(report: CheckpointReport) -> ModelRef:
    """Return the network as it was opened before."""
    return model(begin(report), report)


def openable(report: CheckpointReport) -> bool:
    """Tell whether anything of the catalogue fits, or the file is a program of its own."""
    return bool(report.candidates) or is_program(report)


def is_program(report: CheckpointReport) -> bool:
    """Tell whether the file brings a network of its own, rather than weights for a known one."""
    return "program" in report.format


def without_candidates(report: CheckpointReport) -> tuple[str, Literal["success", "text2"]]:
    """Return what is said in place of candidates, and its tone."""
    if not is_program(report):
        return tr("Nothing in the catalogue fits this file."), "text2"
    if report.problems:
        return tr("An exported program: it brings its own architecture."), "text2"
    said = tr("An exported program: it brings its own architecture and is ready to open.")
    return said, "success"


def no_probe(report: CheckpointReport, *, picture: bool) -> str:
    """Return why colours cannot be probed; empty where they can."""
    if not openable(report):
        return tr("Nothing fits the file, so no network can be probed.")
    if report.classes is None:
        return tr("Without a classifier there is nothing to be sure of.")
    return "" if picture else tr("Open a picture first: the probe needs one to look at.")


def saturated(guess: NormalisationGuess) -> bool:
    """Tell whether a network is as sure as can be: that happens with wrong colours too."""
    return guess.score.probability >= _SATURATED


def prediction(guess: NormalisationGuess) -> str:
    """Return ``predicts heron``; a class without a name is called by its number."""
    label = guess.score.label
    return (
        tr("predicts class {label}", label=label)
        if label.isdecimal()
        else tr("predicts {label}", label=label)
    )


def headline(report: CheckpointReport) -> str:
    """Return ``safetensors · 122 tensors, 20 of them counters · 11.7 M parameters``."""
    parameters = tr("{count} parameters", count=fmt.compact(report.parameters))
    tensors = _tensors(report.tensors)
    if report.counters:
        counters = fmt.count(report.counters)
        tensors = tr("{tensors}, {count} of them counters", tensors=tensors, count=counters)
    return " · ".join((report.format, tensors, parameters))


def fitting(one: Candidate) -> str:
    """Return ``318 of 320 tensors fit``."""
    if one.fitting == one.total:
        return tr("all {count} tensors fit", count=fmt.count(one.total))
    return tr(
        "{fitting} of {total} tensors fit",
        fitting=fmt.count(one.fitting),
        total=fmt.count(one.total),
    )


def misfit_words(misfit: Misfit) -> str:
    """Return how a tensor differs: ``wanted 1000, in the file 3``."""
    match misfit.kind:
        case "missing":
            return tr("wanted {shape}, not in the file", shape=_shape(misfit.wanted))
        case "unexpected":
            return tr("in the file {shape}, no place for it", shape=_shape(misfit.found))
    return tr(
        "wanted {wanted}, in the file {found}",
        wanted=_shape(misfit.wanted),
        found=_shape(misfit.found),
    )


def _shape(sizes: tuple[int, ...]) -> str:
    return fmt.shape(sizes) if sizes else tr("a number")


def short_hash(sha256: str) -> str:
    """Return enough of a hash to compare by eye."""
    return f"{sha256[:8]}…{sha256[-4:]}" if len(sha256) > 12 else sha256


def file_name(path: str) -> str:
    """Return the name of a file without its folders."""
    return PurePath(path).name


def _near(one: Triple, other: Triple) -> bool:
    return all(abs(a - b) < 1e-6 for a, b in zip(one, other, strict=True))
