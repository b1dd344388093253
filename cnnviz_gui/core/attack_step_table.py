"""What an attack did, step by step, as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from cnnviz_gui.core.attack_step_results import AttackTrajectory
from cnnviz_gui.core.files import write_with_suffix
from cnnviz_gui.core.folder.table import cell


def text(found: AttackTrajectory) -> str:
    """Return the table, a line for each image: comma between, point in numbers, norms in [0, 1]."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    names = dict(found.names)
    other = "target" if found.target is not None else "strongest other"
    titles = (found.unit, f"loss ({found.loss_name})", "label", "label probability", other)
    norms = ("Linf", "L2", "L1")
    writer.writerow((*titles, f"{other} probability", "success", *norms, "returned"))
    for at, number in enumerate(found.numbers.tolist()):
        cells = (
            number,
            float(found.loss[at]),
            found.label.label,
            float(found.label_probability[at]),
            names[int(found.others[at])],
            float(found.other_probability[at]),
            int(found.success[at]),
            *(float(norm[at]) for norm in (found.linf, found.l2, found.l1)),
            int(at == found.best),
        )
        writer.writerow([cell(value) for value in cells])
    return buffer.getvalue()


def save(path: str | os.PathLike[str], found: AttackTrajectory) -> Path:
    """Write the table as UTF-8; ``.csv`` is added where it is missing.

    Returns
    -------
    The path written.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    return write_with_suffix(Path(path), ".csv", text(found).encode("utf-8", "backslashreplace"))
