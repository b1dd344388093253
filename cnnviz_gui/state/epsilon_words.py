"""How the size of a perturbation is written: L∞ in 255ths or in units of [0, 1], as is chosen.

Requests and results hold it in 255ths for L∞ and in units of [0, 1] for L2 and L1, whatever the
window shows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Literal

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.params import Scale, Spec, Value

EpsilonUnit = Literal["255ths", "one"]
UNITS: tuple[tuple[EpsilonUnit, str], ...] = (("255ths", "/ 255"), ("one", "[0, 1]"))
NORMS = {"linf": "L∞", "l2": "L2", "l1": "L1"}
_UNIT = "/ 255"
_DIGITS = 10
"""Decimals that are kept of a number that was written in the other unit."""


def size(value: float, norm: str, unit: EpsilonUnit) -> str:
    """Return a size, given as results have it, as text: ``1.25 / 255``, ``0.00490``, ``0.840``."""
    if norm != "linf":
        return fmt.significant(value)
    return fmt.of255(value) if unit == "255ths" else fmt.significant(value / 255)


def budget(value: float, norm: str, unit: EpsilonUnit) -> str:
    """Return an epsilon as the slider writes it: ``1.25 / 255``, ``0.0049``, ``0.84``."""
    if norm == "linf" and unit == "255ths":
        return fmt.of255(value)
    return fmt.epsilon(value / 255 if norm == "linf" else value)


def change(linf: float, l2: float, l1: float, norm: str, unit: EpsilonUnit) -> str:
    """Return how large a perturbation is in one norm: ``± 3 / 255``, ``L2 0.113``."""
    if norm == "linf":
        return f"± {size(255 * linf, norm, unit)}"
    return f"{NORMS[norm]} {size(l2 if norm == 'l2' else l1, norm, unit)}"


def factor(norm: str, unit: EpsilonUnit) -> float:
    """Return how many times the number that is written makes the one that requests have."""
    return 255.0 if norm == "linf" and unit == "one" else 1.0


def taken(written: float, norm: str, unit: EpsilonUnit) -> float:
    """Return what requests have for a number that the hand has set."""
    times = factor(norm, unit)
    return written if times == 1 else round(written * times, _DIGITS)


def form(
    specs: Sequence[Spec], values: Mapping[str, Value], unit: EpsilonUnit
) -> tuple[tuple[Spec, ...], dict[str, Value]]:
    """Return the parameters of a form, and their values, as they are written in ``unit``."""
    if unit == "255ths":
        return tuple(specs), dict(values)
    written = {
        spec.name: float(values[spec.name]) / 255 if _in_255ths(spec, values) else values[spec.name]
        for spec in specs
        if spec.name in values
    }
    return tuple(_written(spec) for spec in specs), written


def from_form(
    specs: Sequence[Spec],
    written: Mapping[str, Value],
    kept: Mapping[str, Value],
    unit: EpsilonUnit,
) -> dict[str, Value]:
    """Return the values that a form holds as requests have them.

    ``kept`` are those before: what was not edited comes back to the last bit.
    """
    if unit == "255ths":
        return dict(written)
    values: dict[str, Value] = {}
    for spec in specs:
        number = written[spec.name]
        if _in_255ths(spec, written):
            before = kept.get(spec.name)
            same = before is not None and float(before) / 255 == number
            number = before if same and before is not None else taken(float(number), "linf", unit)
        values[spec.name] = number
    return values


def _in_255ths(spec: Spec, values: Mapping[str, Value]) -> bool:
    return spec.scaled(values).unit == _UNIT


def _written(spec: Spec) -> Spec:
    """Return a description in units of [0, 1] of what is described in 255ths."""
    scales = tuple(
        (choice, _scale(scale) if scale.unit == _UNIT else scale) for choice, scale in spec.scales
    )
    if spec.unit != _UNIT:
        return dataclasses.replace(spec, scales=scales)
    one = _scale(Scale(float(spec.default), spec.minimum, spec.maximum, spec.step, spec.unit))
    return dataclasses.replace(
        spec,
        default=one.default,
        minimum=one.minimum,
        maximum=one.maximum,
        step=one.step,
        unit="",
        scales=scales,
    )


def _scale(scale: Scale) -> Scale:
    ends = (scale.default / 255, scale.minimum / 255, scale.maximum / 255)
    return Scale(*ends, round(scale.step / 255, 3))
