"""Parameters that describe themselves.

A method's parameters are one frozen dataclass. Each field says default, range, step, unit and one
line of help; the menu entry, the form, the command-line flags, the JSON keys, the range checks and
the contract tests all come from that one description. Knows neither torch nor Qt.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_type_hints

from cnnviz_gui.core.errors import ParameterError
from cnnviz_gui.texts import tr

Value = int | float | bool | str
P = TypeVar("P", bound="Params")

_KEY = "cnnviz"


@dataclass(frozen=True, slots=True)
class Scale:
    """Default, range, step and unit of a number, for one setting of the parameter it depends on."""

    default: float
    minimum: float
    maximum: float
    step: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """What a form, a flag and a range check need to know of one parameter."""

    name: str
    label: str
    kind: Literal["int", "float", "bool", "choice"]
    default: Value
    help: str
    minimum: float = -math.inf
    maximum: float = math.inf
    step: float = 1.0
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, label as shown) in order."""
    role: Literal["", "epsilon", "seed"] = ""
    depends_on: str = ""
    scales: tuple[tuple[str, Scale], ...] = ()
    """For a number whose scale depends on the choice ``depends_on``: (its value, scale)."""
    when: tuple[str, tuple[Value, ...]] | None = None
    """Has an effect only while another parameter has one of these values."""
    automatic: Callable[[Mapping[str, Value]], float] | None = None
    """For a number that is chosen automatically where it is 0: which, by the others' values."""

    @property
    def flag(self) -> str:
        """The command-line flag, ``--step-size``."""
        return "--" + self.name.replace("_", "-")

    def scaled(self, values: Mapping[str, Value]) -> Spec:
        """Return this description as it stands beside the other parameters' ``values``."""
        scale = dict(self.scales).get(str(values.get(self.depends_on, "")))
        if scale is None:
            return self
        default: Value = int(scale.default) if self.kind == "int" else scale.default
        return dataclasses.replace(
            self,
            default=default,
            minimum=scale.minimum,
            maximum=scale.maximum,
            step=scale.step,
            unit=scale.unit,
        )

    def active(self, values: Mapping[str, Value]) -> bool:
        """Tell whether the parameter has an effect beside the others' ``values``."""
        return self.when is None or values.get(self.when[0]) in self.when[1]

    def checked(self, value: Any) -> Value:
        """Return ``value`` as this parameter stores it.

        Raises
        ------
        ParameterError
            Wrong type, not finite, out of range, or not one of the choices.
        """
        if self.kind == "bool":
            if not isinstance(value, bool):
                raise ParameterError(
                    tr("{label} is yes or no, not {value!r}.", label=self.label, value=value)
                )
            return value
        if self.kind == "choice":
            allowed = [choice for choice, _ in self.choices]
            if value not in allowed:
                raise ParameterError(
                    tr("{label} cannot be {value!r}.", label=self.label, value=value),
                    tr("Choose one of: {known}.", known=", ".join(allowed)),
                )
            return str(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ParameterError(
                tr("{label} is a number, not {value!r}.", label=self.label, value=value)
            )
        size = _as_float(value)
        if self.kind == "int" and not (isinstance(value, int) or size.is_integer()):
            raise ParameterError(
                tr("{label} is a whole number, not {value!r}.", label=self.label, value=value)
            )
        if not self.minimum <= value <= self.maximum:  # also refuses NaN
            raise ParameterError(
                tr("{label} is {value:g}, outside its range.", label=self.label, value=size),
                tr(
                    "Choose a value from {minimum:g} to {maximum}.",
                    minimum=self.minimum,
                    maximum=f"{self.maximum:g} {self.unit}".strip(),
                ),
            )
        return int(value) if self.kind == "int" else float(value)


def _as_float(value: int | float) -> float:
    """Return a number as it is told; a whole one may be larger than any float."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def number(
    default: float,
    minimum: float,
    maximum: float,
    *,
    help: str,
    label: str = "",
    step: float = 1.0,
    unit: str = "",
    role: Literal["", "epsilon", "seed"] = "",
    depends_on: str = "",
    scales: Mapping[str, Scale] | None = None,
    when: tuple[str, tuple[Value, ...]] | None = None,
    automatic: Callable[[Mapping[str, Value]], float] | None = None,
) -> Any:
    """Declare a number; ``int`` or ``float`` by the field's annotation.

    With ``depends_on`` and ``scales``, default, range, step and unit change with another choice:
    epsilon is in 255ths for the norm Linf and in units of [0, 1] for L2.
    """
    return field(
        default=default,
        metadata={
            _KEY: {
                "help": help,
                "label": label,
                "minimum": minimum,
                "maximum": maximum,
                "step": step,
                "unit": unit,
                "role": role,
                "depends_on": depends_on,
                "scales": tuple((scales or {}).items()),
                "when": when,
                "automatic": automatic,
            }
        },
    )


def choice(
    default: str,
    choices: Mapping[str, str],
    *,
    help: str,
    label: str = "",
    when: tuple[str, tuple[Value, ...]] | None = None,
) -> Any:
    """Declare a choice from ``{value: label as shown}``."""
    described = {"help": help, "label": label, "choices": tuple(choices.items()), "when": when}
    return field(default=default, metadata={_KEY: described})


def flag(
    default: bool,
    *,
    help: str,
    label: str = "",
    when: tuple[str, tuple[Value, ...]] | None = None,
) -> Any:
    """Declare a yes-or-no parameter."""
    return field(default=default, metadata={_KEY: {"help": help, "label": label, "when": when}})


@dataclass(frozen=True, slots=True)
class Params:
    """Base of all parameter dataclasses; a value out of range cannot be constructed."""

    def __post_init__(self) -> None:
        values = self.values()
        for spec in specs(type(self)):
            object.__setattr__(self, spec.name, spec.scaled(values).checked(values[spec.name]))

    def values(self) -> dict[str, Value]:
        """Return ``{name: value}`` in the order of declaration."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}


_SPECS: dict[type[Params], tuple[Spec, ...]] = {}


def specs(params: type[Params]) -> tuple[Spec, ...]:
    """Return the descriptions of all fields of a parameter dataclass, in order."""
    if params not in _SPECS:
        hints = get_type_hints(params)
        _SPECS[params] = tuple(_spec(f, hints[f.name]) for f in dataclasses.fields(params))
    return _SPECS[params]


def _spec(declared: dataclasses.Field[Any], hint: type) -> Spec:
    described: dict[str, Any] = dict(declared.metadata[_KEY])
    default: Any = declared.default
    label = described.pop("label") or declared.name.replace("_", " ").capitalize()
    kinds: dict[type, Literal["int", "float", "bool", "choice"]] = {
        int: "int",
        float: "float",
        bool: "bool",
        str: "choice",
    }
    return Spec(name=declared.name, label=label, kind=kinds[hint], default=default, **described)


def build(params: type[P], given: Mapping[str, Any]) -> P:
    """Make parameters from ``given`` names and values, with defaults for the rest.

    Raises
    ------
    ParameterError
        A name is unknown, or a value is of the wrong type or out of range.
    """
    known = specs(params)
    unknown = sorted(set(given) - {spec.name for spec in known})
    if unknown:
        raise ParameterError(
            tr("There is no parameter {unknown!r}.", unknown=unknown[0]),
            tr("Known: {known}.", known=", ".join(spec.name for spec in known) or tr("none")),
        )
    values: dict[str, Any] = {spec.name: spec.default for spec in known} | dict(given)
    for spec in known:
        if spec.name not in given:
            values[spec.name] = spec.scaled(values).default
    return params(**values)
