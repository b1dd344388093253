"""The columns of a table of attacks."""

from __future__ import annotations

from collections.abc import Callable

from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.attack_folder_results import AttackRow
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.folder.table import Column
from cnnviz_gui.core.result import Norms

_UNITS = {"linf": "Linf, 255ths", "l2": "L2", "l1": "L1"}


def columns(request: AttackFolder) -> tuple[Column[AttackRow], ...]:
    """Return the columns, between a file's size and why it could not be read."""
    unit, aimed = _UNITS[request.norm], request.target is not None
    return (
        *_class("class", "", lambda row: row.predicted),
        *_class("folder class", "folder class ", lambda row: row.truth)[:2],
        Column(
            f"smallest epsilon that {'reaches the target' if aimed else 'changes it'} ({unit})",
            lambda row: row.flip,
        ),
        *(_held(epsilon, unit, aimed) for epsilon in request.epsilons),
        *_class("class after", "class after ", lambda row: row.after),
        _size("Linf, 255ths", lambda norms: 255 * norms.linf),
        _size("L2", lambda norms: norms.l2),
        _size("L1", lambda norms: norms.l1),
        Column(
            f"still {'the target' if aimed else 'changed'} in 8 bits", lambda row: _yes(row.lasting)
        ),
        Column("note", lambda row: row.note),
    )


def _class(
    title: str, before: str, score: Callable[[AttackRow], Score | None]
) -> tuple[Column[AttackRow], ...]:
    """Return a class's name, index and probability."""

    def of(row: AttackRow, name: str) -> str | int | float | None:
        found = score(row)
        return None if found is None else getattr(found, name)

    return (
        Column(title, lambda row: of(row, "label")),
        Column(f"{title} index", lambda row: of(row, "index")),
        Column(f"{before}probability (0 to 1)", lambda row: of(row, "probability")),
    )


def _held(epsilon: float, unit: str, aimed: bool) -> Column[AttackRow]:
    def told(row: AttackRow) -> str | None:
        return _yes(row.holds(epsilon)) if row.counts else None

    holds = "misses the target" if aimed else "holds"
    return Column(f"{holds} at {epsilon:g} ({unit})", told)


def _size(unit: str, value: Callable[[Norms], float]) -> Column[AttackRow]:
    return Column(
        f"size of the perturbation ({unit})",
        lambda row: None if row.norms is None else value(row.norms),
    )


def _yes(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"
