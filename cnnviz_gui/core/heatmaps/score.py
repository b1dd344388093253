"""The number whose gradient a heat map shows: a class's logit or its probability."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from cnnviz_gui.core.models.split import Objective
from cnnviz_gui.core.params import choice
from cnnviz_gui.texts import tr


def score() -> Any:
    """Declare the parameter that chooses it."""
    return choice(
        "logit",
        {"logit": tr("Logit"), "probability": tr("Probability")},
        label=tr("Score"),
        help=tr("What is differentiated; a probability near 100 % hardly moves, its logit does."),
    )


def objective(kind: str, target: int) -> Objective:
    """Return the function of the logits (N, K) that gives each sample's score (N,)."""

    def of(logits: Tensor) -> Tensor:
        values = logits.softmax(1) if kind == "probability" else logits
        return values[:, target]

    return of


def why_flat(kind: str, gradient: Tensor, label: str) -> str:
    """Return the reason for a gradient that is zero everywhere, empty where it is not."""
    if kind != "probability" or bool(gradient.any()):
        return ""
    return tr(
        "This map is zero everywhere: the probability of {label} is saturated and does not move."
        " Take the logit as the score.",
        label=label,
    )
