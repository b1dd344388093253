"""What ``cnnviz attack`` writes: the picture, repaired where it has to be, and its steps."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from cnnviz_gui.cli.desk import Desk, execute
from cnnviz_gui.cli.reports import score_report
from cnnviz_gui.core import attack_step_table
from cnnviz_gui.core.adversarial_file import save_adversarial
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.attack_step_results import AttackTrajectory
from cnnviz_gui.core.numbers import count, of255, percent
from cnnviz_gui.core.request import Attack
from cnnviz_gui.core.result import AttackResult, SavedPicture

if TYPE_CHECKING:
    from cnnviz_gui.core.models.classifier import Classifier


def compute(
    arguments: argparse.Namespace, asked: Attack, at: Desk, report: dict[str, Any]
) -> AttackResult:
    """Attack; where the steps are wanted too, they are those of this very run."""
    if not arguments.steps_table:
        return execute(at, asked, AttackResult, arguments.method)
    found = execute(at, AttackSteps(attack=asked), AttackTrajectory, arguments.method)
    report["steps_table"] = str(attack_step_table.save(arguments.steps_table, found))
    assert found.result is not None
    return found.result


def write(
    arguments: argparse.Namespace,
    asked: Attack,
    result: AttackResult,
    network: Classifier,
    at: Desk,
    report: dict[str, Any],
) -> None:
    """Write the picture that is asked for, and tell what is in the file."""
    if not arguments.save:
        return
    saved = save_adversarial(
        result,
        arguments.save,
        network,
        at.context,
        repair=arguments.repair,
        carried=at.told(asked),
    )
    at.context.clear()
    report["saved"] = saved_report(saved)


def saved_report(saved: SavedPicture) -> dict[str, Any]:
    """Return whether the file, read back, still fools the network."""
    norms = saved.norms
    return {
        "path": saved.path,
        "success": saved.success,
        "top": [score_report(score) for score in saved.top],
        "norms": {"linf": norms.linf, "l2": norms.l2, "l1": norms.l1},
        "compressed": saved.compressed,
        "moved": saved.moved,
        "repairable": saved.repairable,
        "opened": [score_report(score) for score in saved.opened],
    }


def lines(report: dict[str, Any], *, repaired: bool) -> list[str]:
    """Return what was written, and what the file is taken for.

    ``repaired`` says that a repair was asked for.
    """
    told = []
    if "steps_table" in report:
        told.append(f"wrote {report['steps_table']}")
    saved = report.get("saved")
    if saved is None:
        return told
    told.append(f"wrote {saved['path']}")
    if saved["compressed"]:
        far = of255(saved["norms"]["linf"] * 255)
        told.append(
            "warning: a JPEG (quality 95, 4:4:4) alters the picture, here by up to"
            f" {far} from the clean one; PNG stays inside the ball"
        )
    if saved["moved"]:
        told.append(f"repaired: {count(saved['moved'])} values moved by whole 255ths in the ball")
    best = saved["top"][0]
    verdict = _verdict(before=report["success"], after=saved["success"])
    how = "after compression" if saved["compressed"] else "in 8 bits"
    told.append(f"read back {how}, {verdict}: {best['label']} {percent(best['probability'])}")
    if saved["opened"]:
        best = saved["opened"][0]
        told.append(
            "opened like a photograph it is resized first:"
            f" {best['label']} {percent(best['probability'])}"
        )
    lost = report["success"] and not saved["success"]
    if lost and saved["repairable"]:
        told.append("--repair looks for a picture inside the ball that does")
    elif lost and repaired:
        told.append("no 8-bit picture inside the ball was found that does")
    return told


def _verdict(*, before: bool, after: bool) -> str:
    if after:
        return "it fools the network"
    return "it no longer fools the network" if before else "it does not fool the network"
