"""What an attack did, step by step, as a table for a spreadsheet."""

from __future__ import annotations

import os
from pathlib import Path

from cnnviz_gui.core import csv_text
from cnnviz_gui.core.attack_step_results import AttackTrajectory
from cnnviz_gui.core.csv_text import Value


def text(found: AttackTrajectory) -> str:
    """Return the table, a line for each image; the norms are of pixels in [0, 1]."""
    names = dict(found.names)
    other = "target" if found.target is not None else "strongest other"
    titles = (found.unit, f"loss ({found.loss_name})", "label", "label probability", other)
    norms = ("Linf", "L2", "L1")
    heading = (*titles, f"{other} probability", "success", *norms, "returned")

    def line(at: int) -> tuple[Value, ...]:
        return (
            int(found.numbers[at]),
            float(found.loss[at]),
            found.label.label,
            float(found.label_probability[at]),
            names[int(found.others[at])],
            float(found.other_probability[at]),
            int(found.success[at]),
            *(float(norm[at]) for norm in (found.linf, found.l2, found.l1)),
            int(at == found.best),
        )

    return csv_text.text(heading, map(line, range(len(found.numbers))))


def save(path: str | os.PathLike[str], found: AttackTrajectory) -> Path:
    """Write the table; returns and raises as ``csv_text.save``."""
    return csv_text.save(path, text(found))
