"""From the listing of an exported program to its steps: arguments filled in, lifetimes known."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from typing import Any

import torch

from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.models.programs import operators
from cnnviz_gui.core.models.programs.file import Listing, element_type
from cnnviz_gui.core.models.programs.operators import Operator
from cnnviz_gui.core.models.programs.program import Here, Outputs, Ref, Template, named, refs
from cnnviz_gui.core.models.programs.schema import Argument, Node, OnSize
from cnnviz_gui.texts import tr

_CALM: dict[str, Any] = {"train": False, "training": False, "dropout_p": 0.0}
"""What switches training on, switched off."""
_MAKERS = frozenset({"arange", "full", "linspace", "ones", "scalar_tensor", "zeros"})
_DROPPED = frozenset({"layout", "pin_memory", "non_blocking"})
_FORMATS = {
    1: torch.contiguous_format,
    2: torch.channels_last,
    4: torch.preserve_format,
}
_KINDS: dict[str, tuple[type, ...]] = {
    "Device": (Here,),
    "MemoryFormat": (torch.memory_format,),
    "ScalarType": (torch.dtype,),
    "Tensor": (bool, float, int),
    "bool": (bool,),
    "float": (float, int),
    "int": (int,),
    "number": (bool, float, int),
    "str": (str,),
}
_COMPUTED = frozenset({"Tensor", "bool", "float", "int", "number"})
_FLOATS = {"Infinity": math.inf, "-Infinity": -math.inf, "NaN": math.nan}
_SEGMENT = re.compile(r"[A-Za-z0-9_]{1,60}")
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Frame:
    """One run of one module, as the file tells it."""

    key: str
    """Names the run among all runs."""
    path: str
    """Of the module, ``layer1.0``."""
    kind: str
    """Name of its class."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An operation before it is decided what does it."""

    name: str
    """Of the node; unique."""
    operator: Operator
    arguments: dict[str, Any] | tuple[Any, ...]
    names: tuple[str, ...]
    outputs: Outputs
    frames: tuple[Frame, ...]
    """The runs of modules it was part of, the outermost first."""
    calmed: bool
    """It would have behaved as in training."""
    last: tuple[str, ...] = ()

    def template(self, *, in_place: bool = False) -> Template:
        """Return what computes it."""
        run = self.operator.in_place if in_place and self.operator.in_place else self.operator.run
        return Template(run, self.arguments, self.names)


def drafts(listing: Listing, output: str) -> tuple[Draft, ...]:
    """Return the operations that ``output`` depends on, in order.

    Raises
    ------
    CheckpointError
        An operation is not on the list of those that are opened, or its arguments make no sense.
    """
    known = {listing.given, *listing.weights}
    made: list[Draft] = []
    for number, node in enumerate(listing.nodes):
        operator = operators.resolve(node.target)
        if operator is None:
            continue
        draft = _draft(node, operator, number)
        if not known.issuperset(draft.names):
            raise CheckpointError(
                tr(
                    "The program is damaged: {target!r} comes before what it needs.",
                    target=node.target,
                )
            )
        new = set(named(draft.outputs))
        if new & known:
            raise CheckpointError(tr("The program is damaged: two of its values have one name."))
        known |= new
        made.append(draft)
    if output not in known:
        raise CheckpointError(tr("The program is damaged: nothing computes what it returns."))
    return _with_lifetimes(made, output)


def _draft(node: Node, operator: Operator, number: int) -> Draft:
    given = {operator.called.get(a.name, a.name): _value(a.arg) for a in node.inputs}
    arguments: dict[str, Any] | tuple[Any, ...]
    calmed = False
    if not operator.arguments:
        arguments = tuple(_value(argument.arg) for argument in node.inputs)
    elif len(given) != len(node.inputs) or not given.keys() <= set(operator.arguments):
        raise CheckpointError(
            tr("The program is damaged: {target!r} has other arguments.", target=node.target)
        )
    else:
        arguments, calmed = _settled(given, operator)
    return Draft(
        name=f"{operator.name}_{number}".replace(".", "_"),
        operator=operator,
        arguments=arguments,
        names=tuple(dict.fromkeys(refs(arguments))),
        outputs=_outputs(node),
        frames=_frames(node.metadata.nn_module_stack),
        calmed=calmed,
    )


def _settled(given: dict[str, Any], operator: Operator) -> tuple[dict[str, Any], bool]:
    """Return the arguments as they are used here, and whether training had to be switched off."""
    settled = {name: value for name, value in given.items() if name not in _DROPPED}
    for name, value in settled.items():
        # torch takes a number for a type or a format, and ends the process where it is none
        if not _fits(value, operator.kinds[name]):
            raise CheckpointError(
                tr(
                    "The program is damaged: {operator} is given no {kind} as {name!r}.",
                    operator=operator.name,
                    kind=operator.kinds[name],
                    name=name,
                )
            )
    if "device" in given or ("device" in operator.arguments and operator.name in _MAKERS):
        settled["device"] = Here()
    calmed = False
    for name, value in _CALM.items():
        if name in operator.arguments:
            calmed |= settled.get(name, operator.defaults.get(name, value)) != value
            settled[name] = value
    return settled, calmed


def _fits(value: Any, kind: str) -> bool:
    """Tell whether a value, or the one that a reference stands for, may be of a type."""
    outer, _, inner = kind.partition("[")
    if outer == "Optional":
        return value is None or _fits(value, inner[:-1])
    if outer == "List":
        return isinstance(value, list) and all(_fits(one, inner[:-1]) for one in value)
    if kind in _COMPUTED and isinstance(value, Ref):
        return True
    if kind == "int" and isinstance(value, bool):
        return False
    return isinstance(value, _KINDS.get(kind, ()))


def _value(argument: Argument) -> Any:
    """Return an argument with ``Ref`` in place of values."""
    fields = [name for name in argument.__struct_fields__ if getattr(argument, name) is not None]
    if len(fields) != 1:
        raise CheckpointError(
            tr("The program is damaged: an argument is of no kind or of several.")
        )
    value = getattr(argument, fields[0])
    match fields[0]:
        case "as_none":
            return None
        case "as_tensor":
            return Ref(value.name)
        case "as_tensors":
            return [Ref(one.name) for one in value]
        case "as_float":
            return _float(value)
        case "as_floats":
            return [_float(one) for one in value]
        case "as_sym_int" | "as_sym_float" | "as_sym_bool":
            return _size(value)
        case "as_sym_ints":
            return [_size(one) for one in value]
        case "as_scalar_type":
            return element_type(value)
        case "as_memory_format":
            return _FORMATS.get(value, torch.preserve_format)
        case "as_device":
            return Here()
        case "as_optional_tensor":
            return None if value.as_tensor is None else Ref(value.as_tensor.name)
        case "as_optional_tensors":
            return [None if one.as_tensor is None else Ref(one.as_tensor.name) for one in value]
    return value


def _float(value: float | str) -> float:
    if isinstance(value, str):
        if value not in _FLOATS:
            raise CheckpointError(tr("The program is damaged: a number is none."))
        return _FLOATS[value]
    return value


def _size(size: OnSize) -> Any:
    if size.as_name is not None:
        return Ref(size.as_name)
    numbers = (size.as_int, size.as_float, size.as_bool)
    return next((number for number in numbers if number is not None), None)


def _outputs(node: Node) -> Outputs:
    parts = [_output(argument) for argument in node.outputs]
    return parts[0] if len(parts) == 1 else [_flat(part) for part in parts]


def _flat(part: Outputs) -> str | list[str] | None:
    return [name for name in part if isinstance(name, str)] if isinstance(part, list) else part


def _output(argument: Argument) -> Outputs:
    value = _value(argument)
    if isinstance(value, list) and all(isinstance(one, Ref) for one in value):
        return [one.name for one in value]
    if isinstance(value, Ref):
        return value.name
    if value is None:
        return None
    raise CheckpointError(tr("The program is damaged: a result is not a value."))


def _frames(stack: str) -> tuple[Frame, ...]:
    """Return the modules around a node as far as every part of what is said of them is a name.

    The text is ``key,path,class`` for each module, the network itself first, with ``;`` between.
    """
    frames: list[Frame] = []
    for text in stack.split(";")[1 : _DEEPEST + 1]:
        key, _, rest = text.partition(",")
        path, _, kind = rest.partition(",")
        kind = kind.rpartition(".")[2]
        path = path.partition("@")[0]
        if not all(_SEGMENT.fullmatch(part) for part in (*path.split("."), kind)):
            break
        frames.append(Frame(key, path, kind))
    return tuple(frames)


def _with_lifetimes(made: list[Draft], output: str) -> tuple[Draft, ...]:
    """Leave out what ``output`` does not need, and note for each step what dies after it.

    What changes a value in place stays: others see the change.
    """
    needed = {output}
    kept: list[Draft] = []
    for draft in reversed(made):
        changes = draft.operator.in_place is not None
        if not changes and not needed.intersection(named(draft.outputs)):
            continue
        last = {*draft.names, *named(draft.outputs)} - needed
        needed.update(draft.names)
        kept.append(dataclasses.replace(draft, last=tuple(sorted(last))))
    return tuple(reversed(kept))
