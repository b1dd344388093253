"""Results as aligned text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cnnviz_gui.cli.output import table
from cnnviz_gui.core.facts import CatalogueEntry, LayerFacts, ModelFacts, Score
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.numbers import (
    MINUS,
    NONE,
    compact,
    duration,
    file_size,
    percent,
    points,
    shape,
    significant,
)
from cnnviz_gui.core.receptive import short
from cnnviz_gui.core.request import Request
from cnnviz_gui.core.result import AttackResult, Prediction, Result, Transfer

_UNTRAINED = "This network is untrained: what it says is meaningless."
_HEADLESS = "The weights of its classifier are missing: what this network says is meaningless."
_WEIGHTS = {"embedded": "embedded", "here": "on disk", "download": "to download", "none": "none"}


def catalogue_lines(entries: Sequence[CatalogueEntry]) -> list[str]:
    """Return the table of networks."""
    rows = [
        (
            entry.name,
            entry.family,
            _WEIGHTS[entry.weights],
            NONE if entry.year is None else str(entry.year),
            compact(entry.parameters),
            NONE if entry.macs is None else compact(entry.macs),
            str(entry.input_size),
            NONE if entry.accuracy is None else f"{entry.accuracy:.1f} %",
            NONE if entry.size is None else file_size(entry.size * (1 << 20)),
            entry.licence or NONE,
        )
        for entry in entries
    ]
    header = (
        "name",
        "family",
        "weights",
        "year",
        "parameters",
        "MACs",
        "input",
        "top-1",
        "download",
        "licence",
    )
    notes = list(_catalogue_notes(entries))
    return [*table(header, rows, "lllrrrrrrl"), *([""] if notes else []), *notes]


def _catalogue_notes(entries: Sequence[CatalogueEntry]) -> Iterator[str]:
    for entry in entries:
        if entry.accuracy is not None and entry.accuracy_on != "ImageNet":
            yield f"top-1 of {entry.name}: on {entry.accuracy_on}, not on ImageNet"
        if entry.weights == "none" and entry.install:
            yield f"weights of {entry.name}: {entry.install}"


def layer_lines(facts: ModelFacts) -> list[str]:
    """Return the layer table with its totals."""
    header = (
        "layer",
        "type",
        "output",
        "kernel",
        "stride",
        "parameters",
        "MACs",
        "receptive field",
    )
    rows = [_layer_row(layer) for layer in facts.layers]
    totals = (
        "total",
        "",
        "",
        "",
        "",
        compact(facts.parameters),
        compact(facts.macs),
        "",
    )
    lines = table(header, [*rows, totals], "llllrrrr")
    size = shape((facts.input_size, facts.input_size))
    return [f"{facts.title}, {facts.weights}, input {size}", "", *lines]


def prediction_lines(result: Prediction, *, facts: ModelFacts) -> list[str]:
    """Return the best classes, best first."""
    rows = [(str(s.index), s.label, percent(s.probability)) for s in result.scores]
    lines = table(("class", "label", "probability"), rows, "rlr")
    if result.enlarged:
        lines.append(f"The picture is {result.enlarged}.")
    return marked(facts, lines)


def heatmap_lines(result: HeatmapResult, report: dict[str, Any], *, facts: ModelFacts) -> list[str]:
    """Return what a heat map is of, its range and what was written."""
    of_layer = f" at {result.layer}" if result.layer else ""
    of_class = _named(result.target)
    if result.against is not None:
        of_class = f"{of_class} rather than {_named(result.against)}"
    about = "ignoring the class" if result.class_free else f"for {of_class}"
    lines = [f"{result.method}{of_layer} {about}, {duration(result.seconds)}"]
    if report["minimum"] is not None:
        low, high = significant(report["minimum"]), significant(report["maximum"])
        lines.append(f"values from {low} to {high}, {shape(result.map.shape)}")
    lines += filter(None, (*result.notes, result.reason))
    return marked(facts, lines + _written(report))


def attack_lines(
    result: AttackResult, report: dict[str, Any], written: list[str], *, facts: ModelFacts
) -> list[str]:
    """Return what an attack did, class by class, and what was written."""
    lines = [_outcome(result), "", *_changes(result.clean, result.adversarial), ""]
    norms = result.norms
    lines.append(
        f"perturbation  Linf {significant(255 * norms.linf)} / 255, L2 {significant(norms.l2)},"
        f" L1 {significant(norms.l1)}"
    )
    lines.append(
        f"cost  {compact(result.forwards)} forward, {compact(result.backwards)} backward,"
        f" {duration(result.seconds)}"
    )
    array = [f"wrote {report['array']}"] if "array" in report else []
    return marked(facts, lines + written + array)


def embedding_lines(report: dict[str, Any], *, facts: ModelFacts) -> list[str]:
    """Return what is known of an embedding and, where they were asked for, its neighbours."""
    low, high = significant(report["minimum"]), significant(report["maximum"])
    lines = [
        f"{report['size']} numbers given to {report['layer']}, {duration(report['seconds'])}",
        f"values from {low} to {high}, length {significant(report['length'])}",
        *_written(report),
    ]
    nearest = report.get("nearest")
    if nearest:
        rows = [
            (f"{one['similarity']:.4f}".replace("-", MINUS), Path(one["path"]).name)
            for one in nearest["neighbours"]
        ]
        lines += ["", *table(("similarity", "picture"), rows, "rl")]
        skipped = [f"skipped: {one['reason']}" for one in nearest["skipped"]]
        lines += ["", f"{nearest['looked_at']} looked at, {duration(nearest['seconds'])}", *skipped]
    return lines if facts.trained else [*lines, _UNTRAINED]


def transfer_lines(result: Transfer, facts: ModelFacts) -> list[str]:
    """Return whether another network is fooled, class by class."""
    verdict = "it fools that network" if result.success else "it does not fool that network"
    resized = f", {result.resized}" if result.resized else ""
    heading = ["", f"shown to {facts.title}{resized}: {verdict}", ""]
    return marked(facts, heading + _changes(result.clean, result.scores))


def run_lines(asked: Request, result: Result, paths: Sequence[Path]) -> list[str]:
    """Return what was replayed and which files were written."""
    return [
        f"{asked.task}, {duration(result.seconds)}",
        *(f"wrote {path}" for path in paths),
    ]


def _layer_row(layer: LayerFacts) -> tuple[str, ...]:
    return (
        "  " * layer.depth + layer.name,
        layer.type,
        shape(layer.output_shape),
        _square(layer.kernel),
        _square(layer.stride),
        compact(layer.parameters),
        compact(layer.macs),
        short(layer),
    )


def _outcome(result: AttackResult) -> str:
    goal = f"to reach {_named(result.target)}" if result.target else "to leave the predicted class"
    budget = "" if result.epsilon is None else f", epsilon {_epsilon(result)}"
    verdict = "succeeded" if result.success else "failed"
    return f"{result.method} {goal}{budget}: {verdict}"


def _epsilon(result: AttackResult) -> str:
    amount = f"{result.epsilon:g}"
    return f"{amount} / 255 (Linf)" if result.norm == "linf" else f"{amount} ({result.norm})"


def _changes(before_all: Sequence[Score], after_all: Sequence[Score]) -> list[str]:
    """Return the classes of both predictions with their change in points."""
    clean = {score.index: score for score in before_all}
    attacked = {score.index: score for score in after_all}
    rows: list[tuple[str, ...]] = []
    for index in dict.fromkeys([*clean, *attacked]):
        before, after = clean.get(index), attacked.get(index)
        label = (before or after or before_all[0]).label
        change = points(after.probability - before.probability) if before and after else NONE
        rows.append((str(index), label, _percent(before), _percent(after), change))
    return table(("class", "label", "clean", "adversarial", "change"), rows, "rlrrr")


def _percent(score: Score | None) -> str:
    return NONE if score is None else percent(score.probability)


def _named(score: Score) -> str:
    return f"{score.label} ({score.index}, {percent(score.probability)})"


def _written(report: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    saved = report.get("saved")
    if saved:
        lines.append(f"wrote {saved['path']}")
    lines += [f"wrote {report[name]}" for name in ("figure", "array") if name in report]
    return lines


def marked(facts: ModelFacts, lines: list[str]) -> list[str]:
    """Add why nothing that the network says has a meaning, where that is so."""
    if not facts.trained:
        return [*lines, _UNTRAINED]
    return [*lines, _HEADLESS] if facts.headless else lines


def _square(sides: tuple[int, int] | None) -> str:
    return shape(sides) if sides else NONE
