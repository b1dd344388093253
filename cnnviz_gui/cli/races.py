"""``cnnviz race``: attacks under one budget, as a table and as plain values."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from cnnviz_gui.cli.desk import Desk
from cnnviz_gui.cli.output import table
from cnnviz_gui.cli.reports import score_report
from cnnviz_gui.core import csv_text, race_table
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.labels import resolve
from cnnviz_gui.core.numbers import NONE, duration, percent, significant
from cnnviz_gui.core.race_requests import AttackRace
from cnnviz_gui.core.race_results import RaceResult, Runner, order
from cnnviz_gui.core.request import ImageRef, ModelRef


def request(arguments: argparse.Namespace, model: ModelRef, facts: ModelFacts) -> AttackRace:
    """Return what the flags ask for.

    Raises
    ------
    TargetError
        The network has no such class.
    """
    target = None if arguments.target is None else resolve(facts.labels, arguments.target)
    return AttackRace(
        model=model,
        image=ImageRef(path=arguments.image),
        methods=arguments.uses,
        target=target,
        parameters=arguments.parameters,
    )


def report(asked: AttackRace, result: RaceResult) -> dict[str, Any]:
    """Return the rows, the best first."""
    targeted = asked.target is not None
    ranked = order(result.runners, targeted)
    return {
        "model": str(asked.model),
        "label": score_report(result.label),
        "targeted": targeted,
        "target": asked.target,
        "budget": asked.parameters.values(),
        "attacks": [
            {"rank": rank} | _row(result.runners[place]) for rank, place in enumerate(ranked, 1)
        ],
        "seconds": result.seconds,
    }


def _row(one: Runner) -> dict[str, Any]:
    scores = {"class": one.winner, "aim": one.aim}
    records = {"norms": one.norms, "closeness": one.closeness}
    return {
        "method": one.method,
        "parameters": one.parameters.values(),
        "success": one.success,
        "inside": one.inside,
        **{name: None if score is None else score_report(score) for name, score in scores.items()},
        **{
            name: None if record is None else dataclasses.asdict(record)
            for name, record in records.items()
        },
        "forwards": one.forwards,
        "backwards": one.backwards,
        "seconds": one.seconds,
        "problem": one.problem,
    }


def write(
    arguments: argparse.Namespace,
    asked: AttackRace,
    result: RaceResult,
    at: Desk,
    told: dict[str, Any],
) -> None:
    """Write the table that is asked for, and tell where it is."""
    if arguments.csv:
        data = race_table.text(
            result,
            picture=Path(arguments.image).name,
            network=told["model"],
            target=told["target"],
            budget=arguments.parameters,
        )
        told["csv"] = str(csv_text.save(arguments.csv, data))


def lines(result: RaceResult, told: dict[str, Any]) -> list[str]:
    """Return the table, the best first, and why others have no row."""
    ranked = [result.runners[place] for place in order(result.runners, told["targeted"])]
    rows = [
        (str(rank), one.method, *_cells(one))
        for rank, one in enumerate(ranked, 1)
        if not one.problem
    ]
    label = f"{result.label.label} ({result.label.index}, {percent(result.label.probability)})"
    aim = "target" if told["targeted"] else "label"
    heads = ("", "attack", "result", aim, "Linf/255", "L2", "grads", "queries", "time")
    return [
        f"from {label}, {duration(result.seconds)}",
        "",
        *table(heads, rows, "rllrrrrrr"),
        *(f"{one.method}: {one.problem}" for one in ranked if one.problem),
        *([f"wrote {told['csv']}"] if "csv" in told else []),
    ]


def _cells(one: Runner) -> tuple[str, ...]:
    if one.winner is None or one.aim is None or one.norms is None:
        return (NONE,) * 7
    where = "" if one.inside or not one.success else ", outside epsilon"
    said = f"-> {one.winner.label}{where}" if one.success else one.winner.label
    return (
        said,
        percent(one.aim.probability),
        significant(one.norms.linf * 255),
        significant(one.norms.l2),
        str(one.backwards),
        str(one.forwards),
        duration(one.seconds),
    )
