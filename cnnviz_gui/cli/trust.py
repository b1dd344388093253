"""``cnnviz trust``: how far a heat map is to be trusted, as a table and as plain values."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from cnnviz_gui.cli.output import table
from cnnviz_gui.cli.reports import score_report
from cnnviz_gui.core import trust_words
from cnnviz_gui.core.numbers import MINUS, NONE, duration, percent
from cnnviz_gui.core.trust_requests import Trust
from cnnviz_gui.core.trust_results import Faithfulness, SanityResult, TrustResult

_NAME = 28
"""Characters of a layer in a table."""


def report(asked: Trust, result: TrustResult) -> dict[str, Any]:
    """Return areas, curves and what is left under a mask, of the map and of its two rivals."""
    return {
        "model": str(asked.heatmap.model),
        "method": result.method,
        "layer": result.layer,
        "target": score_report(result.target),
        "parameters": asked.heatmap.parameters.values(),
        "settings": asked.parameters.values(),
        "map": _faithfulness(result.map),
        "centre": _faithfulness(result.centre),
        "random": _faithfulness(result.random),
        "verdict": trust_words.verdict(result),
        "seconds": result.seconds,
    }


def sanity_report(result: SanityResult) -> dict[str, Any]:
    """Return how like the map stays while the weights become random."""
    return {
        "stages": [
            {name: getattr(stage, name) for name in ("layer", "layers", "absolute", "signed")}
            for stage in result.stages
        ],
        "verdict": trust_words.sanity_verdict(result),
        "seconds": result.seconds,
    }


def lines(asked: Trust, result: TrustResult) -> list[str]:
    """Return the table of a map and its rivals, and what it means."""
    at_layer = f" at {result.layer}" if result.layer else ""
    whole = percent(result.target.probability)
    named = f"{result.target.label} ({result.target.index}, {whole})"
    rivals = (
        ("the map", result.map),
        ("a blob in the middle", result.centre),
        (f"at random, mean of {asked.parameters.random_draws}", result.random),
    )
    header = ("", "deletion", "insertion", "masked", "drop")
    rows = [
        (
            name,
            f"{one.deletion_area:.3f}",
            f"{one.insertion_area:.3f}",
            percent(one.kept),
            percent(one.drop),
        )
        for name, one in rivals
    ]
    return [
        f"{result.method}{at_layer} for {named}, {duration(result.seconds)}",
        "",
        *table(header, rows, "lrrrr"),
        "",
        "deletion, insertion: areas under the curves; small, large are good",
        "masked: probability of what is marked alone; drop: what is lost of the whole picture's",
        "",
        trust_words.verdict(result),
        trust_words.CAVEAT,
    ]


def sanity_lines(result: SanityResult) -> list[str]:
    """Return the table of the stages, and what it means."""
    header = ("random down to", "layers", "rank correlation", "with signs")
    rows = [
        (
            short_name(stage.layer),
            str(stage.layers),
            _correlation(stage.absolute),
            _correlation(stage.signed),
        )
        for stage in result.stages
    ]
    heading = f"with random weights from the top down, {duration(result.seconds)}"
    verdict = trust_words.sanity_verdict(result)
    return ["", heading, "", *table(header, rows, "lrrr"), "", verdict]


def short_name(layer: str) -> str:
    """Return a layer's name as a table has room for it: its block, and its own name at the end."""
    if len(layer) <= _NAME:
        return layer
    parts = layer.split(".")
    for kept in range(len(parts) - 2, 0, -1):
        shorter = ".".join((*parts[:kept], "…", parts[-1]))
        if len(shorter) <= _NAME:
            return shorter
    return f"{layer[: _NAME // 2]}…{layer[-_NAME // 2 + 1 :]}"


def _faithfulness(one: Faithfulness) -> dict[str, Any]:
    return dataclasses.asdict(one) | {
        "deletion": [[float(value) for value in row] for row in one.deletion],
        "insertion": [[float(value) for value in row] for row in one.insertion],
    }


def _correlation(value: float) -> str:
    return NONE if math.isnan(value) else f"{value:.2f}".replace("-", MINUS)
