"""The bound that the parameters of an attack set: its norm and epsilon. Knows no torch."""

from __future__ import annotations

from cnnviz_gui.core.params import Params


def norm_of(parameters: Params) -> str:
    """Return the norm of an attack's ball; attacks that know one only have Linf."""
    return str(parameters.values().get("norm", "linf"))


def epsilon_of(parameters: Params) -> float | None:
    """Return the radius of the ball, in 255ths for Linf; None where there is no ball."""
    epsilon = parameters.values().get("epsilon")
    return None if epsilon is None else float(epsilon)


def measure_of(parameters: Params) -> str:
    """Return the norm in which an attack is told: of its ball, L2 for one that has none."""
    return "l2" if epsilon_of(parameters) is None else norm_of(parameters)
