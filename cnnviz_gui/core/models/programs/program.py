"""An exported program as a module: its operations one after the other, never compiled to code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

Outputs = str | list[str | list[str] | None] | None
"""A name for the result, or a name for each of its parts; None where nothing needs it."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands for a value in the arguments of an operation."""

    name: str


class Here:
    """Stands for the device that the program runs on."""


@dataclass(frozen=True, slots=True)
class Template:
    """An operation with its arguments, some of which are values yet to come."""

    run: Callable[..., Any]
    arguments: dict[str, Any] | tuple[Any, ...]
    """By name; by place for arithmetic on sizes."""
    names: tuple[str, ...]
    """Of the values it needs, in the order in which it is given them."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Template:
        return self

    def __call__(self, values: tuple[Any, ...], device: torch.device | None) -> Any:
        """Compute with ``values`` for ``names``."""
        known = dict(zip(self.names, values, strict=True))
        if isinstance(self.arguments, tuple):
            return self.run(*(_filled(argument, known, device) for argument in self.arguments))
        return self.run(**{k: _filled(v, known, device) for k, v in self.arguments.items()})


def _filled(argument: Any, known: dict[str, Any], device: torch.device | None) -> Any:
    if isinstance(argument, Ref):
        return known[argument.name]
    if isinstance(argument, list):
        return [_filled(part, known, device) for part in argument]
    return device if isinstance(argument, Here) else argument


def refs(argument: Any) -> Iterator[str]:
    """Give the names of the values in an argument."""
    if isinstance(argument, Ref):
        yield argument.name
    elif isinstance(argument, list | tuple):
        for part in argument:
            yield from refs(part)
    elif isinstance(argument, dict):
        for part in argument.values():
            yield from refs(part)


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a program."""

    path: str
    """Dotted name, within the block, of the module that does it; empty where ``template`` does."""
    template: Template | None
    names: tuple[str, ...]
    """What it is given."""
    pictured: tuple[bool, ...]
    """Which of those depend on the picture."""
    outputs: Outputs
    overwritten: str = ""
    """What the program changes in place; it has the result's value from here on."""
    last: tuple[str, ...] = ()
    """Values that nothing needs after it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Step:
        return self


class Operation(nn.Module):
    """An operation that has a row in the layer table but is none of torch's own modules."""

    def __init__(self, kind: str, template: Template, pictured: tuple[bool, ...]) -> None:
        super().__init__()
        self.kind = kind
        """Shown as the type of the layer: ``add``."""
        self._template = template
        self._pictured = pictured

    def forward(self, *values: Any, parts: int = 1) -> Any:
        """Compute it."""
        return in_parts(self._template, values, self._pictured, parts, None)


class Block(nn.Module):
    """Operations that belong together: what one run of one module did."""

    def __init__(
        self, kind: str, steps: tuple[Step, ...], names: tuple[str, ...], results: tuple[str, ...]
    ) -> None:
        super().__init__()
        self.kind = kind
        """Shown as the type of the layer: the class the module had, ``BasicBlock``."""
        self._steps = steps
        self._names = names
        self._results = results
        self._held: dict[str, str] = {}

    def hold(self, name: str, value: Tensor) -> None:
        """Keep a weight that operations other than torch's own modules need."""
        key = f"_weight_{len(self._held)}"
        if isinstance(value, nn.Parameter):
            self.register_parameter(key, value)
        else:
            self.register_buffer(key, value)
        self._held[name] = key

    def forward(self, *given: Any, parts: int = 1, device: torch.device | None = None) -> Any:
        """Compute; return one result, or a tuple of several."""
        found = self._compute(dict(zip(self._names, given, strict=True)), parts, device)
        results = tuple(found[name] for name in self._results)
        return results[0] if len(results) == 1 else results

    def _compute(
        self, values: dict[str, Any], parts: int, device: torch.device | None
    ) -> dict[str, Any]:
        for name, key in self._held.items():
            values[name] = getattr(self, key)
        for step in self._steps:
            self._take(step, values, parts, device)
        return values

    def _take(
        self, step: Step, values: dict[str, Any], parts: int, device: torch.device | None
    ) -> None:
        given = tuple(values[name] for name in step.names)
        if step.template is not None:
            result = in_parts(step.template, given, step.pictured, parts, device)
        else:
            module = self.get_submodule(step.path)
            if isinstance(module, Block):
                result = module(*given, parts=parts, device=device)
            elif isinstance(module, Operation):
                result = module(*given, parts=parts)
            else:
                result = module(*given)
        name_outputs(step.outputs, result, values)
        if step.overwritten:
            values[step.overwritten] = result
        for name in step.last:
            values.pop(name, None)


class Program(Block):
    """A graph of operations from a picture to logits.

    A program exported for batches of a fixed size takes any number of pictures: each operation is
    done for one such batch after the other. What a layer gives is one tensor for all of them, so
    that whoever watches it sees one run.
    """

    def __init__(self, steps: tuple[Step, ...], given: str, output: str, batch: int | None) -> None:
        super().__init__("Program", steps, (given,), (output,))
        self._batch = batch

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]  # of the picture alone
        """Return what the program gives for x (N, C, H, W)."""
        count, batch = len(x), self._batch or len(x)
        parts = -(-count // batch)
        if parts * batch > count:
            x = torch.cat([x, x[-1:].expand(parts * batch - count, -1, -1, -1)])
        result: Tensor = self._compute({self._names[0]: x}, parts, x.device)[self._results[0]]
        return result[:count] if parts * batch > count else result


def name_outputs(outputs: Outputs | list[str], result: Any, values: dict[str, Any]) -> None:
    """Put a result, or its parts, under their names into ``values``."""
    if isinstance(outputs, list):
        for part, value in zip(outputs, result, strict=True):
            name_outputs(part, value, values)
    elif outputs is not None:
        values[outputs] = result


def named(outputs: Outputs | list[str]) -> list[str]:
    """Return all names of an operation's results."""
    if isinstance(outputs, list):
        return [name for part in outputs for name in named(part)]
    return [] if outputs is None else [outputs]


def in_parts(
    template: Template,
    given: tuple[Any, ...],
    pictured: tuple[bool, ...],
    parts: int,
    device: torch.device | None,
) -> Any:
    """Compute for each of ``parts`` equal parts of the values that depend on the picture."""
    if parts == 1 or not any(pictured):
        return template(given, device)
    split = [
        torch.tensor_split(value, parts) if of_picture and isinstance(value, Tensor) else None
        for value, of_picture in zip(given, pictured, strict=True)
    ]
    results = [
        template(tuple(v if s is None else s[i] for v, s in zip(given, split, strict=True)), device)
        for i in range(parts)
    ]
    return _joined(results)


def _joined(results: list[Any]) -> Any:
    first = results[0]
    if isinstance(first, Tensor):
        return torch.cat([r.reshape(1) if r.dim() == 0 else r for r in results])
    if isinstance(first, list | tuple):
        return [_joined(list(parts)) for parts in zip(*results, strict=True)]
    return first
