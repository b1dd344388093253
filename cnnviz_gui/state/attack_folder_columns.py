"""The columns of the attacks on a folder."""

from __future__ import annotations

import math
from collections.abc import Callable

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.attack_folder_results import AttackFolderResult, AttackRow
from cnnviz_gui.core.facts import Score
from cnnviz_gui.state import epsilon_words, folder_rows
from cnnviz_gui.state.epsilon_words import NORMS, EpsilonUnit
from cnnviz_gui.state.folder_rows import Column
from cnnviz_gui.texts import tr

HOLDS = tr("holds")


def size(epsilon: float, norm: str, unit: EpsilonUnit) -> str:
    """Return one of the epsilons as it is written: ``0.25 / 255``, ``0.00098``, ``0.5``."""
    return epsilon_words.budget(epsilon, norm, unit)


def _score(
    key: str, title: str, unit: str, of: Callable[[AttackRow], Score | None], help: str
) -> Column[AttackRow]:
    def text(row: AttackRow) -> str:
        score = of(row)
        return fmt.NONE if score is None else score.label

    def sort(row: AttackRow) -> str | None:
        score = of(row)
        return None if score is None else score.label.casefold()

    return Column(key, title, unit, text, sort, help, number=False, largest_first=False)


def _share(
    key: str, title: str, unit: str, of: Callable[[AttackRow], Score | None], help: str
) -> Column[AttackRow]:
    def sort(row: AttackRow) -> float | None:
        score = of(row)
        return None if score is None else score.probability

    def text(row: AttackRow) -> str:
        number = sort(row)
        return fmt.NONE if number is None else fmt.percent(number)

    return Column(key, title, unit, text, sort, help)


def flip(norm: str, unit: EpsilonUnit) -> Column[AttackRow]:
    """Return the column of the epsilons at which the pictures give way."""

    def text(row: AttackRow) -> str:
        if not row.counts:
            return fmt.NONE
        return HOLDS if row.flip is None else size(row.flip, norm, unit)

    def sort(row: AttackRow) -> float | None:
        if not row.counts:
            return None
        return math.inf if row.flip is None else row.flip

    said = tr("The smallest epsilon that was tried at which the attack succeeds.")
    return Column(
        "flip", tr("Epsilon"), tr("gives way, {norm}", norm=NORMS[norm]), text, sort, said
    )


def _lasting(row: AttackRow) -> str:
    return fmt.NONE if row.lasting is None else tr("yes") if row.lasting else tr("no")


_TRUTH = _score(
    "truth",
    tr("Folder"),
    tr("class"),
    lambda row: row.truth,
    tr("The class that the picture's folder is named after."),
)
_BEFORE: tuple[Column[AttackRow], ...] = (
    _score(
        "class",
        tr("Class"),
        tr("predicted"),
        lambda row: row.predicted,
        tr("The class that the network sees in the picture as it is."),
    ),
    _share(
        "probability",
        tr("Probability"),
        tr("of that class"),
        lambda row: row.predicted,
        tr("How sure the network is of the class it sees in the picture as it is."),
    ),
)
_AFTER: tuple[Column[AttackRow], ...] = (
    _score(
        "after",
        tr("Class after"),
        tr("the attack"),
        lambda row: row.after,
        tr("The class that the network sees in the adversarial picture."),
    ),
    _share(
        "after-probability",
        tr("Probability after"),
        tr("the attack"),
        lambda row: row.after,
        tr("How sure the network is of the class after the attack."),
    ),
    Column(
        "l2",
        tr("Change"),
        "L2",
        lambda row: fmt.NONE if row.norms is None else fmt.significant(row.norms.l2),
        lambda row: None if row.norms is None else row.norms.l2,
        tr("Size of the perturbation: the root of the sum of squared changes, in units of [0, 1]."),
    ),
    Column(
        "lasting",
        tr("8 bits"),
        tr("still changed"),
        _lasting,
        lambda row: row.lasting,
        tr(
            "Whether the attack still succeeds once the picture has 8 bits, as in a file."
            " In L∞ below 1 / 255 there is no other picture of 8 bits."
        ),
        number=False,
    ),
)


def of_result(result: AttackFolderResult, unit: EpsilonUnit) -> tuple[Column[AttackRow], ...]:
    """Return the columns that the rows have; that of the folders' classes where they name some."""
    named = (_TRUTH,) if any(row.truth is not None for row in result.rows) else ()
    file = folder_rows.file_column(result)
    return (file, *_BEFORE, *named, flip(result.norm, unit), *_AFTER)
