"""Files of weights on the command line: what is told of one, and what is found in it."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cnnviz_gui.cli.output import complain, table
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import CheckpointError, CnnvizError, RequestError
from cnnviz_gui.core.facts import Candidate, Misfit
from cnnviz_gui.core.numbers import compact, shape
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.result import CheckpointReport

_SMALLEST, _LARGEST = 8, 2048
"""Sides of pictures that are accepted, in pixels."""
_MISFITS = 20
"""Lines of what does not fit; the JSON has all of them."""
_WORDS = {"missing": "not in the file", "unexpected": "only in the file", "shape": "other shape"}


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what a file of weights does not say."""
    flags = parser.add_argument_group(
        "of a file of weights",
        "Where no flag is given, what the window was told of the same file holds.",
    )
    flags.add_argument("--labels", metavar="FILE", help="class names: text, CSV or JSON")
    for name, title in (("mean", "mean"), ("std", "standard deviation")):
        flags.add_argument(
            f"--{name}",
            type=_triple(positive=name == "std"),
            metavar="R,G,B",
            help=f"{title} of the pictures it was trained on, in [0, 1] (default: ImageNet's)",
        )
    flags.add_argument(
        "--input-size",
        type=_side,
        metavar="N",
        help="side of the pictures it was trained on, in pixels",
    )
    flags.add_argument(
        "--damaged",
        action="store_true",
        help="use it although weights are missing, altered or not finite",
    )


def network(arguments: argparse.Namespace, ctx: Context) -> ModelRef:
    """Return the network that is asked for; a file of weights is named with its checksum.

    Raises
    ------
    CheckpointError
        The file cannot be read.
    RequestError
        A flag of a file of weights is given without one.
    """
    model = ModelRef.parse(arguments.model, arguments.seed)
    given = {name: getattr(arguments, name) for name in ("mean", "std", "input_size")}
    given = {name: value for name, value in given.items() if value is not None}
    given |= {"damaged": True} if arguments.damaged else {}
    if model.checkpoint is None:
        if given or arguments.labels:
            raise RequestError(
                "--labels, --mean, --std, --input-size and --damaged tell of a file of weights.",
                "Name one with --model PATH or --model NAME@PATH.",
            )
        return model
    from cnnviz_gui.core.models import remembered
    from cnnviz_gui.core.models.checkpoint_file import examine

    sha256 = examine(model.checkpoint.path, ctx).sha256
    told = dataclasses.replace(model.checkpoint, sha256=sha256, **given)
    model = remembered.with_answers(dataclasses.replace(model, checkpoint=told), sha256)
    return _labelled(model, arguments.labels, ctx) if arguments.labels else model


def other_network(text: str, seed: int, ctx: Context) -> ModelRef:
    """Return a network of which nothing is told but its name; raises as ``network``."""
    plain = {"labels": None, "mean": None, "std": None, "input_size": None, "damaged": False}
    return network(argparse.Namespace(model=text, seed=seed, **plain), ctx)


def refuse_name(text: str) -> None:
    """Refuse the name of a network where a file is wanted.

    Raises
    ------
    RequestError
        There is no such file, but a network of that name; the advice is where to look.
    """
    if Path(text).exists():
        return
    from cnnviz_gui.core.models import catalogue

    name = text.partition(":")[0]
    if any(entry.name == name for entry in catalogue.entries()):
        raise RequestError(
            f"{text} is a network of the catalogue, not a file of weights.",
            f"See its layers with: cnnviz layers --model {text}; or all networks with: "
            "cnnviz models.",
        )


def flagged(error: CnnvizError) -> str:
    """Return what is told of a failure, with the flag that would have mended it."""
    if error.offer != "damaged":
        return str(error)
    return f"{error} The flag --damaged uses the file as it is."


def sealed(model: ModelRef) -> ModelRef:
    """Return the network so that it can be found from any folder."""
    if model.checkpoint is None:
        return model
    path = str(Path(model.checkpoint.path).absolute())
    return dataclasses.replace(model, checkpoint=dataclasses.replace(model.checkpoint, path=path))


def report_lines(report: CheckpointReport) -> list[str]:
    """Return what a file of weights holds, for people."""
    classes = "no classifier" if report.classes is None else f"{report.classes} classes"
    counters = f", {report.counters} of them counters" if report.counters else ""
    lines = [
        f"{report.format}, {report.tensors} tensors{counters}, "
        f"{compact(report.parameters)} parameters, {classes}",
        f"SHA-256 {report.sha256}",
        *report.notes,
        *(f"Problem: {problem}" for problem in report.problems),
    ]
    if not report.candidates and report.classes is not None:
        lines.append("It brings its own network: use it with --model and this path.")
    if report.remembered is not None:
        lines.append("What was answered for this file before is remembered.")
    if report.candidates:
        rows = [
            (one.name, one.title, f"{one.fitting} of {one.total}", str(len(one.misfits)))
            for one in report.candidates
        ]
        lines += ["", *table(("network", "", "tensors that fit", "misfits"), rows, "llrr")]
        lines += _misfit_lines(report.candidates[0])
    return lines


def report_json(report: CheckpointReport) -> dict[str, Any]:
    """Return the same for scripts, with all misfits."""
    return dataclasses.asdict(report)


def _labelled(model: ModelRef, path: str, ctx: Context) -> ModelRef:
    from cnnviz_gui.core.models import checkpoint_report, class_names

    assert model.checkpoint is not None
    classes = checkpoint_report.classes(model, ctx)
    if classes is None:
        raise CheckpointError("The classifier is missing, so there are no classes to name.")
    found = class_names.read(path, classes, ctx)
    if found.note:
        complain(found.note)
    told = dataclasses.replace(model.checkpoint, labels=found.labels)
    return dataclasses.replace(model, checkpoint=told)


def _misfit_lines(best: Candidate) -> list[str]:
    if not best.misfits:
        return []
    rows = [
        (misfit.name, _WORDS[misfit.kind], _sizes(misfit)) for misfit in best.misfits[:_MISFITS]
    ]
    more = len(best.misfits) - len(rows)
    lines = ["", f"What differs from {best.title}:", *table(("", "", ""), rows, "lll")]
    return [*lines, f"and {more} more"] if more else lines


def _sizes(misfit: Misfit) -> str:
    if misfit.wanted and misfit.found:
        return f"{shape(misfit.found)} instead of {shape(misfit.wanted)}"
    return shape(misfit.found or misfit.wanted)


def _triple(*, positive: bool) -> Callable[[str], tuple[float, float, float]]:
    def read(text: str) -> tuple[float, float, float]:
        try:
            values = _three([float(part) for part in text.split(",")])
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not three numbers") from None
        if not all(-1e3 < value < 1e3 and (value > 0 or not positive) for value in values):
            raise argparse.ArgumentTypeError(f"{text!r} is out of range")
        return values

    return read


def _side(text: str) -> int:
    if text.isdecimal() and _SMALLEST <= int(text[:9]) <= _LARGEST:
        return int(text)
    raise argparse.ArgumentTypeError(
        f"{text!r} is not a whole number from {_SMALLEST} to {_LARGEST}"
    )


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    """Return three numbers; one serves for all colours."""
    red, green, blue = values if len(values) == 3 else (*values, *values, *values)
    return red, green, blue
