"""The listing of an exported program made into modules: blocks of operations, and their layers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, TypeVar

from torch import Tensor, nn

from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.models.programs.layers import Bench, Unfit, module_for
from cnnviz_gui.core.models.programs.program import (
    Block,
    Operation,
    Outputs,
    Program,
    Ref,
    Step,
    named,
)
from cnnviz_gui.core.models.programs.rehearsal import Rehearsal
from cnnviz_gui.core.models.programs.steps import Draft
from cnnviz_gui.texts import tr

_ALIKE = frozenset({"new_full", "new_ones", "new_zeros"})
"""Their results are the same for every picture."""
_TAKEN = frozenset(dir(Program(steps=(), given="", output="", batch=None)))
_NEVER = 1 << 62
B = TypeVar("B", bound=Block)


def assemble(
    made: tuple[Draft, ...],
    rehearsal: Rehearsal,
    weights: Mapping[str, Tensor],
    given: str,
    output: str,
    batch: int | None,
) -> Program:
    """Return the program; it shares ``weights``.

    Parameters
    ----------
    batch
        Pictures that the program takes at a time; None for any number.

    Raises
    ------
    CheckpointError
        It changes values in a way that cannot be done for several pictures.
    """
    return _Assembly(made, rehearsal, weights, given, output, batch).program()


@dataclasses.dataclass(slots=True)
class _Part:
    """A block that is being made."""

    steps: list[Step] = dataclasses.field(default_factory=list)
    modules: dict[str, nn.Module] = dataclasses.field(default_factory=dict)
    done: dict[str, Any] = dataclasses.field(default_factory=dict)
    """What the module of a path does: when it runs again and does the same, it is the same."""

    def free(self, wanted: str) -> str:
        """Return a path that no module has, is a part of, or has as a part."""
        path, number = wanted, 1
        while not self._is_free(path):
            number += 1
            path = f"{wanted}_{number}"
        return path

    def _is_free(self, path: str) -> bool:
        if not path or _TAKEN.intersection(path.split(".")):
            return False
        return not any(
            other == path or other.startswith(f"{path}.") or path.startswith(f"{other}.")
            for other in self.modules
        )


class _Assembly:
    def __init__(
        self,
        made: tuple[Draft, ...],
        rehearsal: Rehearsal,
        weights: Mapping[str, Tensor],
        given: str,
        output: str,
        batch: int | None,
    ) -> None:
        self._made = made
        self._rehearsal = rehearsal
        self._weights = weights
        self._given = given
        self._output = output
        self._batch = batch
        self._of_picture = {given}
        self._transposed = _transposed(made, weights)
        self._last_use = {output: _NEVER}
        for place, draft in enumerate(made):
            for name in draft.names:
                self._last_use[name] = max(place, self._last_use.get(name, 0))

    def program(self) -> Program:
        """Return all of it."""
        part = self._part(0, len(self._made), 0, "")
        steps = _with_lifetimes(part.steps, (self._output,))
        program = Program(steps, self._given, self._output, self._batch)
        return self._furnished(program, part)

    def _part(self, start: int, end: int, depth: int, path: str) -> _Part:
        """Take the operations from ``start`` to ``end``: one run of the module ``path``."""
        part = _Part()
        place = start

        def run(draft: Draft) -> str:
            """Name the run of a part of this module that a draft belongs to; empty for none."""
            return draft.frames[depth].key if len(draft.frames) > depth else ""

        for key, group in groupby(self._made[start:end], run):
            drafts = tuple(group)
            if not key:
                for draft in drafts:
                    self._add(part, draft, draft.name)
            else:
                frame = drafts[0].frames[depth]
                name = frame.path.removeprefix(f"{path}.") if path else frame.path
                only = self._only_one_at_work(drafts)
                if only is not None and len(only.frames) == depth + 1:
                    for draft in drafts:
                        self._add(part, draft, name if draft is only else draft.name)
                else:
                    self._add_block(part, place, place + len(drafts), depth, name)
            place += len(drafts)
        return part

    def _only_one_at_work(self, drafts: tuple[Draft, ...]) -> Draft | None:
        """Return the operation that alone has to do with the picture; None where several have."""
        of_picture: set[str] = set()
        at_work = []
        for draft in drafts:
            if any(name in self._of_picture or name in of_picture for name in draft.names):
                at_work.append(draft)
                of_picture.update(named(draft.outputs))
        return at_work[0] if len(at_work) == 1 else None

    def _add_block(self, part: _Part, start: int, end: int, depth: int, name: str) -> None:
        frame = self._made[start].frames[depth]
        inner = self._part(start, end, depth + 1, frame.path)
        names, produced = _flow(inner.steps, self._weights)
        results = tuple(name for name in produced if self._last_use.get(name, -1) >= end)
        steps = _with_lifetimes(inner.steps, results)
        path = part.free(name)
        part.modules[path] = self._furnished(Block(frame.kind, steps, names, results), inner)
        outputs: Outputs = results[0] if len(results) == 1 else list(results)
        part.steps.append(Step(path, None, names, (), outputs))

    def _add(self, part: _Part, draft: Draft, wanted: str) -> None:
        """Add one operation: as a module where it has a row in the layer table."""
        names, outputs, template, path = draft.names, draft.outputs, None, ""
        alike = draft.operator.name in _ALIKE
        pictured = tuple(name in self._of_picture and not alike for name in names)
        if any(pictured):
            self._of_picture.update(named(outputs))
        if draft.name in self._rehearsal.in_place:
            template = draft.template(in_place=True)
            if any(pictured) and self._batch is not None:
                raise CheckpointError(
                    tr(
                        "The program changes parts of a picture's values in place, and takes a "
                        "fixed number of pictures."
                    ),
                    tr(
                        "Export it with a dynamic batch: {code}.",
                        code="dynamic_shapes=({0: Dim('batch')},)",
                    ),
                )
        elif not draft.operator.shown:
            template = draft.template()
        else:
            try:
                bench = Bench(draft, self._rehearsal.shapes, self._weights, self._transposed)
                module, name = module_for(bench)
            except Unfit:
                path = part.free(wanted)
                part.modules[path] = Operation(draft.operator.name, draft.template(), pictured)
            else:
                what = _what(draft, name)
                path = wanted if part.done.get(wanted) == what else part.free(wanted)
                part.done[path] = what
                part.modules.setdefault(path, module)
                names, pictured = (name,), ()
                outputs = named(outputs)[0]
        overwritten = self._rehearsal.overwritten.get(draft.name, "")
        part.steps.append(Step(path, template, names, pictured, outputs, overwritten))

    def _furnished(self, block: B, part: _Part) -> B:
        """Give a block its modules, and the weights that no module of its own has."""
        for step in part.steps:
            for name in step.names:
                if name in self._weights:
                    block.hold(name, self._weights[name])
        for path, module in part.modules.items():
            _put(block, path, module)
        return block


def _what(draft: Draft, given: str) -> Any:
    """Return what an operation does, whatever it is given."""
    arguments = draft.arguments
    assert isinstance(arguments, dict)
    kept = {name: value for name, value in arguments.items() if value != Ref(given)}
    return draft.operator.name, kept


def _flow(
    steps: list[Step], weights: Mapping[str, Tensor]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what steps need from outside, and all that they make or change."""
    needed: dict[str, None] = {}
    made: dict[str, None] = {}
    for step in steps:
        for name in step.names:
            if name not in made and name not in weights:
                needed[name] = None
        made.update(dict.fromkeys(_results(step)))
    return tuple(needed), tuple(made)


def _results(step: Step) -> Iterator[str]:
    yield from named(step.outputs)
    if step.overwritten:
        yield step.overwritten


def _with_lifetimes(steps: list[Step], results: tuple[str, ...]) -> tuple[Step, ...]:
    """Note for each step what nothing in its block needs after it."""
    needed = set(results)
    timed = []
    for step in reversed(steps):
        mentioned = {*step.names, *_results(step)}
        timed.append(dataclasses.replace(step, last=tuple(sorted(mentioned - needed))))
        needed |= mentioned
    return tuple(reversed(timed))


def _transposed(made: tuple[Draft, ...], weights: Mapping[str, Tensor]) -> dict[str, str]:
    """Return the values that are a weight with its two axes swapped."""
    found: dict[str, str] = {}
    for draft in made:
        if draft.operator.name not in ("t", "permute", "transpose", "numpy_T"):
            continue
        name = draft.names[0] if draft.names else ""
        if name in weights and weights[name].dim() == 2 and isinstance(draft.outputs, str):
            arguments = draft.arguments
            assert isinstance(arguments, dict)
            turned = [value for value in arguments.values() if not isinstance(value, Ref)]
            if turned in ([], [[1, 0]], [0, 1], [1, 0], [-1, -2], [-2, -1]):
                found[draft.outputs] = name
    return found


def _put(block: nn.Module, path: str, module: nn.Module) -> None:
    *parents, last = path.split(".")
    place = block
    for name in parents:
        if name not in place._modules:
            place.add_module(name, nn.Module())
        place = place.get_submodule(name)
    place.add_module(last, module)
