"""``cnnviz defences``: what undoes an attack, and what falls once it knows."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from cnnviz_gui.cli import tables
from cnnviz_gui.cli.desk import Desk, execute, model_of, open_network, write_request
from cnnviz_gui.cli.output import check_destinations, print_json, print_lines, table
from cnnviz_gui.cli.reports import score_report
from cnnviz_gui.core import defence_words
from cnnviz_gui.core.defence_requests import AdaptiveAttacks, Defences
from cnnviz_gui.core.defence_results import (
    AdaptiveResult,
    AdaptiveRow,
    DefenceRow,
    DefencesResult,
    DefendedScore,
    Unattacked,
)
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.labels import resolve
from cnnviz_gui.core.masking_requests import Masking
from cnnviz_gui.core.masking_results import MaskingResult
from cnnviz_gui.core.numbers import NONE, duration, percent, points
from cnnviz_gui.core.request import Attack, ImageRef


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What was computed: the rows, and what else was asked for."""

    asked: Defences
    rows: DefencesResult
    known: AdaptiveResult | None
    checks: MaskingResult | None


def run(arguments: argparse.Namespace, at: Desk) -> None:
    """Try the defences, let the attack know them, check its gradients; print what came out."""
    check_destinations(arguments)
    network = open_network(arguments, at)
    target = arguments.target
    attack = Attack(
        model=model_of(arguments, at),
        image=ImageRef(path=arguments.image),
        method=arguments.method,
        parameters=arguments.parameters,
        target=None if target is None else resolve(network.facts.labels, target),
    )
    asked = Defences(attack=attack, methods=arguments.uses)
    rows = execute(at, asked, DefencesResult, "Trying the defences")
    known = checks = None
    if arguments.know:
        knowing = AdaptiveAttacks(attack=attack, methods=arguments.uses, draws=arguments.draws)
        known = execute(at, knowing, AdaptiveResult, "Attacking them")
    if arguments.check:
        checks = execute(at, Masking(attack=attack), MaskingResult, "Checking the gradients")
    write_request(arguments, asked, at)
    found = Found(asked, rows, known, checks)
    if arguments.json:
        print_json(report(found))
    else:
        print_lines(tables.marked(network.facts, lines(found)))


def report(found: Found) -> dict[str, Any]:
    """Return every row, what the attack does that knows it, and the checks."""
    attack, result = found.asked.attack, found.rows
    known = _known(found)
    clean, adversarial = result.joint
    told: dict[str, Any] = {
        "model": str(attack.model),
        "method": attack.method,
        "parameters": attack.parameters.values(),
        "clean": score_report(result.clean),
        "adversarial": score_report(result.adversarial),
        "success": result.success,
        "defences": [_row(row, known.get(row.use)) for row in result.rows],
        "joint": {"clean": clean, "adversarial": adversarial},
        "forwards": result.forwards,
        "seconds": result.seconds,
    }
    if found.checks is not None:
        told["checks"] = [
            {
                **{name: getattr(check, name) for name in ("name", "state", "found", "advice")},
                "figures": dict(check.figures),
            }
            for check in found.checks.checks
        ]
    return told


def lines(found: Found) -> list[str]:
    """Return the table, what it means, and the checks."""
    result, known = found.rows, _known(found)
    heads = ["defence", "clean", "", "attacked", "", "back", "distance", ""]
    heads += ["that knows", ""] if known else []
    rows = [(*_cells(row), *(_ends(known[row.use]) if known else ())) for row in result.rows]
    ends = "succeeds" if result.success else "fails"
    missed = [] if found.known is None else [row.problem for row in found.known.unattacked]
    warning = defence_words.WARNING
    if found.known is not None:
        warning = defence_words.fallen(found.known.rows, len(missed))
    said = [
        f"{found.asked.attack.method} {ends}: {_named(result.clean)} -> "
        f"{_named(result.adversarial)}, {duration(result.seconds)}",
        "",
        *table(tuple(heads), rows, "llrllrrr"[: len(heads)] + "lr"[: len(heads) - 8]),
        "",
        "distance: between the answers with and without the defence, clean and attacked, 0 to 2",
        defence_words.joint(result),
        *filter(None, [defence_words.certified(result)]),
        warning,
        *dict.fromkeys(missed),
    ]
    if found.checks is not None:
        said += ["", *_checks(found.checks)]
    return said


def _known(found: Found) -> dict[MethodUse, AdaptiveRow | Unattacked]:
    """Return how the attack ended that knows each defence; nothing where none was to know."""
    result = found.known
    return {} if result is None else {row.use: row for row in result.rows + result.unattacked}


def _row(row: DefenceRow, known: AdaptiveRow | Unattacked | None) -> dict[str, Any]:
    told = {
        "defence": row.use.method,
        "parameters": row.use.parameters.values(),
        "clean": _said(row.clean),
        "adversarial": _said(row.adversarial),
        "kept": row.kept,
        "change": row.change,
        "recovered": row.recovered,
    }
    if isinstance(known, Unattacked):
        told["known"] = {"problem": known.problem}
    elif known is not None:
        told["known"] = _said(known.adversarial) | {
            "clean": _said(known.clean),
            "success": known.success,
            "moot": known.moot,
            "undefended": score_report(known.undefended),
            "norms": dataclasses.asdict(known.norms),
            "forwards": known.forwards,
            "backwards": known.backwards,
            "seconds": known.seconds,
        }
    return told


def _said(said: DefendedScore) -> dict[str, Any]:
    told = score_report(said.score) | {
        "label_probability": said.label_probability,
        "distance": said.distance,
        "votes": said.votes,
        "views": said.views,
    }
    if said.certificate is not None:
        told["certificate"] = dataclasses.asdict(said.certificate)
    return told


def _cells(row: DefenceRow) -> tuple[str, ...]:
    clean, attacked = row.clean, row.adversarial
    return (
        row.use.method,
        clean.score.label,
        f"{percent(clean.score.probability)} ({points(row.change)})",
        attacked.score.label,
        percent(attacked.score.probability),
        "yes" if row.recovered else NONE,
        f"{clean.distance:.2f}",
        f"{attacked.distance:.2f}",
    )


def _ends(row: AdaptiveRow | Unattacked) -> tuple[str, str]:
    if isinstance(row, Unattacked):
        return "no attack", NONE
    said = "broken" if row.success else "clean changed" if row.moot else "holds"
    return f"{said}: {row.adversarial.score.label}", percent(row.adversarial.score.probability)


def _checks(result: MaskingResult) -> list[str]:
    rows = [
        (check.state, check.title, f"{check.found} {check.advice}".strip())
        for check in result.checks
    ]
    return [*table(("", "masked gradients", ""), rows, "lll"), defence_words.verdict(result)]


def _named(score: Any) -> str:
    return f"{score.label} ({score.index}, {percent(score.probability)})"
