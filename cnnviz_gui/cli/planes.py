"""``cnnviz plane``: what the network says around a picture, along an attack and across it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from cnnviz_gui.cli.desk import Desk
from cnnviz_gui.cli.output import table
from cnnviz_gui.cli.reports import score_report
from cnnviz_gui.core import plane_words
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.files import save_npz, save_png
from cnnviz_gui.core.labels import resolve
from cnnviz_gui.core.numbers import TIMES, duration, percent
from cnnviz_gui.core.plane_picture import arrays
from cnnviz_gui.core.plane_requests import Plane
from cnnviz_gui.core.plane_results import PlaneResult
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef

_MOST = 12
"""Classes in the table."""


def request(arguments: argparse.Namespace, model: ModelRef, facts: ModelFacts) -> Plane:
    """Return what the flags ask for.

    Raises
    ------
    TargetError
        The network has no such class.
    """
    target, other, across = arguments.target, arguments.other, arguments.settings.across
    attack = Attack(
        model=model,
        image=ImageRef(path=arguments.image),
        method=arguments.method,
        parameters=arguments.parameters,
        target=None if target is None else resolve(facts.labels, target),
    )
    of_class = across == "class" and other is not None
    return Plane(
        attack=attack,
        parameters=arguments.settings,
        other=resolve(facts.labels, other) if of_class else None,
        other_image=ImageRef(path=other) if across == "image" else None,
    )


def report(asked: Plane, result: PlaneResult) -> dict[str, Any]:
    """Return the share of each class, and how near the first borders are."""
    shares, first = result.shares, plane_words.first_borders(result)
    return {
        "model": str(asked.attack.model),
        "method": asked.attack.method,
        "parameters": asked.attack.parameters.values(),
        "settings": asked.parameters.values(),
        "label": score_report(result.label),
        "across": result.across,
        "epsilon": result.epsilon,
        "norm": result.norm,
        "range": [result.reach * unit for unit in result.units],
        "points": result.expected,
        "classes": [
            {"index": index, "label": name, "share": shares[index]} for index, name in result.names
        ],
        "border": {"along": first.along, "across": first.across},
        "loss": {"minimum": float(result.loss.min()), "maximum": float(result.loss.max())},
        "cut_off": result.clipped,
        "seconds": result.seconds,
    }


def write(
    arguments: argparse.Namespace,
    asked: Plane,
    result: PlaneResult,
    at: Desk,
    told: dict[str, Any],
) -> None:
    """Write the files that are asked for, and tell where they are."""
    if arguments.save:
        from cnnviz_gui.core import run_plane_figure  # torch comes with it

        picture = run_plane_figure.draw(asked, result, at.session, at.context)
        told["saved"] = {"path": str(save_png(arguments.save, picture, at.told(asked)))}
    if arguments.array:
        told["array"] = str(save_npz(arguments.array, arrays(result)))


def lines(asked: Plane, result: PlaneResult, told: dict[str, Any]) -> list[str]:
    """Return the table of the classes, what is to be known of the plane, what was written."""
    title = method("attack", asked.attack.method).title
    along, across = plane_words.axes(result, asked.parameters.across, title)
    side = len(result.classes)
    listed = result.names[:_MOST]
    rows = [(name, str(index), percent(result.shares[index])) for index, name in listed]
    more = len(result.names) - len(listed)
    written = [told.get("saved", {}).get("path"), told.get("array")]
    return [
        f"{Path(asked.attack.image.path).name}, {result.label.label},"
        f" {side} {TIMES} {side} points, {duration(result.seconds)}",
        f"{along}; {across}",
        "",
        *table(("class", "index", "share"), rows, "lrr"),
        *([f"and {more} more"] if more else []),
        "",
        plane_words.borders(result),
        *filter(None, [plane_words.cut_off(result)]),
        *(f"wrote {path}" for path in written if path),
    ]
