"""The parameters that attacks with a budget share; each call declares a field anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.params import Scale, Value, choice, number
from cnnviz_gui.texts import ptr, tr

# Trained networks of 224 x 224 pixels give way at an L2 of 0.1 to 0.3 and, where few values change,
# at an L1 of 5 to 20: the defaults go well beyond.
_EPSILONS = {
    "linf": Scale(4.0, 0.0, 64.0, 0.25, "/ 255"),
    "l2": Scale(1.0, 0.0, 32.0, 0.05),
    "l1": Scale(50.0, 0.0, 5000.0, 1.0),
}
_STEP_SIZES = {
    "linf": Scale(0.0, 0.0, 64.0, 0.25, "/ 255"),
    "l2": Scale(0.0, 0.0, 32.0, 0.05),
    "l1": Scale(0.0, 0.0, 5000.0, 1.0),
}


def norm(*names: str) -> Any:
    """Declare the choice of a norm."""
    known = {name: balls.NORMS[name] for name in names}
    return choice(
        names[0], known, label=tr("Norm"), help=tr("How the size of the perturbation is measured.")
    )


def epsilon(*norms: str) -> Any:
    """Declare epsilon in 255ths for L∞; with ``norms``, as the field ``norm`` says."""
    common: dict[str, Any] = {"label": tr("Epsilon"), "step": 0.25, "unit": "/ 255"}
    if not norms:
        text = tr("No value of the picture changes by more than this.")
        return number(4.0, 0.0, 64.0, help=text, role="epsilon", **common)
    scales = {name: _EPSILONS[name] for name in norms}
    text = tr("Radius of the ball: in 255ths for L∞, in units of [0, 1] for L2 and L1.")
    return number(
        4.0, 0.0, 64.0, help=text, role="epsilon", depends_on="norm", scales=scales, **common
    )


def step_size(reach: float, *norms: str) -> Any:
    """Declare the length of a step; where it is 0 all steps add up to ``reach`` radii."""
    text = tr("Length of a step in the norm; 0 takes epsilon / steps.")
    if reach != 1:
        text = tr("Length of a step in the norm; 0 takes {reach:g} · epsilon / steps.", reach=reach)

    def automatic(values: Mapping[str, Value]) -> float:
        return reach * float(values["epsilon"]) / float(values["steps"])

    common: dict[str, Any] = {"label": tr("Step size"), "help": text, "automatic": automatic}
    common |= {"step": 0.25, "unit": "/ 255"}
    if not norms:
        return number(0.0, 0.0, 64.0, **common)
    scales = {name: _STEP_SIZES[name] for name in norms}
    return number(0.0, 0.0, 64.0, depends_on="norm", scales=scales, **common)


def keep() -> Any:
    """Declare which image of the way is returned."""
    return choice(
        "best",
        {"best": ptr("image of an attack", "Best"), "last": ptr("image of an attack", "Last")},
        label=ptr("image of an attack", "Keep"),
        help=tr(
            "Best: the best image on the way, so that a success once found is kept; last:"
            " the image of the last step, as in the textbook."
        ),
    )
