"""``cnnviz borders``: how near the borders are, as a table and as plain values."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from cnnviz_gui.cli.desk import Desk
from cnnviz_gui.cli.output import table
from cnnviz_gui.cli.reports import score_report
from cnnviz_gui.core.border_requests import AttackBorders, BorderParams, Borders, in_norm
from cnnviz_gui.core.border_results import Border, BordersResult
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.labels import resolve
from cnnviz_gui.core.numbers import NONE, duration, percent, significant
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef


def request(
    arguments: argparse.Namespace, model: ModelRef, facts: ModelFacts
) -> Borders | AttackBorders:
    """Return what the flags ask for.

    Raises
    ------
    TargetError
        The network has no such class.
    """
    image = ImageRef(path=arguments.image)
    if arguments.attacks:
        target = None if arguments.target is None else resolve(facts.labels, arguments.target)
        return AttackBorders(
            model=model,
            image=image,
            methods=arguments.uses,
            target=target,
            norm=arguments.norm,
        )
    (used,) = arguments.uses
    attack = Attack(
        model=model,
        image=image,
        method=used.method,
        parameters=in_norm(used.parameters, arguments.norm),
    )
    return Borders(attack=attack, parameters=BorderParams(classes=arguments.classes))


def report(asked: Borders | AttackBorders, result: BordersResult) -> dict[str, Any]:
    """Return both ends of each bracket, what is there, and the cost."""
    by_class = isinstance(asked, Borders)
    model = asked.attack.model if isinstance(asked, Borders) else asked.model
    return {
        "model": str(model),
        "by": "class" if by_class else "attack",
        "label": score_report(result.label),
        "norm": result.rows[0].norm,
        "borders": [_row(row) for row in result.rows],
        "seconds": result.seconds,
    }


def _row(row: Border) -> dict[str, Any]:
    return {
        "method": row.method,
        "target": None if row.target is None else score_report(row.target),
        "epsilon": row.reached,
        "fails_at": row.failed,
        "maximum": row.maximum,
        "own_distance": row.own,
        "fails_again_at": list(row.beyond),
        "class": None if row.winner is None else score_report(row.winner),
        "norms": None if row.norms is None else dataclasses.asdict(row.norms),
        "runs": row.runs,
        "forwards": row.forwards,
        "backwards": row.backwards,
        "problem": row.problem,
    }


def write(
    arguments: argparse.Namespace,
    asked: Borders | AttackBorders,
    result: BordersResult,
    at: Desk,
    told: dict[str, Any],
) -> None:
    """Write nothing: there are no files but the request."""


def lines(result: BordersResult, told: dict[str, Any]) -> list[str]:
    """Return the table, the nearest border first."""
    by_class, norm = told["by"] == "class", result.rows[0].norm
    ordered = sorted(result.rows, key=lambda row: (row.reached is None, row.reached or 0))
    rows = [
        (
            _name(row, by_class),
            _distance(row),
            significant(row.failed) if row.failed else NONE,
            NONE if row.winner is None else f"{row.winner.label} {percent(row.winner.probability)}",
            str(row.runs),
            str(row.backwards),
        )
        for row in ordered
    ]
    unit = "in 255ths" if norm == "linf" else "in units of [0, 1]"
    label = f"{result.label.label} ({result.label.index}, {percent(result.label.probability)})"
    remarks = [f"{row.method}: {row.problem}" for row in result.rows if row.problem]
    remarks += [
        f"{_name(row, by_class)} fails again at "
        + ", ".join(significant(place) for place in row.beyond)
        for row in result.rows
        if row.beyond
    ]
    if any(row.own for row in result.rows):
        remarks.append("* an attack without epsilon: the distance it went, in one run")
    return [
        f"from {label}, {norm} {unit}, {duration(result.seconds)}",
        "",
        *table(
            ("class" if by_class else "attack", "smallest", "fails at", "there", "runs", "grads"),
            rows,
            "lrrlrr",
        ),
        *remarks,
    ]


def _name(row: Border, by_class: bool) -> str:
    return row.target.label if by_class and row.target is not None else row.method


def _distance(row: Border) -> str:
    if row.problem or (row.reached is None and row.own):
        return NONE
    if row.reached is None:
        return f"> {significant(row.failed)}"
    return f"{'' if row.narrow else '<= '}{significant(row.reached)}{' *' if row.own else ''}"
