"""The listing of an exported program made into a module with layers that have names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from torch import Tensor, nn

from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.models.programs.layers import Bench, Unfit, module_for
from cnnviz_gui.core.models.programs.program import Operation, Program, Ref, Step, named
from cnnviz_gui.core.models.programs.rehearsal import Rehearsal
from cnnviz_gui.core.models.programs.steps import Draft

_ALIKE = frozenset({"new_full", "new_ones", "new_zeros"})
"""Their results are the same for every picture."""


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
    paths = _paths(made)
    transposed = _transposed(made, weights)
    modules: dict[str, nn.Module] = {}
    steps: list[Step] = []
    of_picture = {given}
    held: set[str] = set()
    for draft in made:
        names, outputs, template = draft.names, draft.outputs, None
        alike = draft.operator.name in _ALIKE
        pictured = tuple(name in of_picture and not alike for name in names)
        if any(pictured):
            of_picture.update(named(outputs))
        path = paths[draft.name] if draft.operator.shown else ""
        if draft.name in rehearsal.in_place:
            path, template = "", draft.template(in_place=True)
            if any(pictured) and batch is not None:
                raise CheckpointError(
                    "The program changes parts of a picture's values in place, and takes a fixed "
                    "number of pictures.",
                    "Export it with a dynamic batch: dynamic_shapes=({0: Dim('batch')},).",
                )
        elif not path:
            template = draft.template()
        else:
            try:
                module, name = module_for(Bench(draft, rehearsal.shapes, weights, transposed))
            except Unfit:
                modules[path] = Operation(draft.operator.name, draft.template(), pictured)
            else:
                modules[path] = module
                names, pictured = (name,), (name in of_picture,)
                outputs = named(outputs)[0]
        held.update(name for name in names if name in weights)
        overwritten = rehearsal.overwritten.get(draft.name, "")
        steps.append(Step(path, template, names, pictured, outputs, overwritten, draft.last))
    program = Program(tuple(steps), given, output, batch)
    for name in sorted(held):
        program.hold(name, weights[name])
    for path, module in modules.items():
        _put(program, path, module)
    return program


def _transposed(made: tuple[Draft, ...], weights: Mapping[str, Tensor]) -> dict[str, str]:
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


def _paths(made: tuple[Draft, ...]) -> dict[str, str]:
    """Return a dotted name for every operation that is shown.

    That of the module it was, where it was all of that module; else the module's with its own.
    """
    shown = [draft for draft in made if draft.operator.shown]
    alone = Counter(draft.path for draft in shown)
    taken = set(dir(Program(steps=(), given="", output="", batch=None)))
    inside = {parent for draft in shown for parent in _parents(draft.path)}
    paths: dict[str, str] = {}
    for draft in shown:
        path = draft.path
        if not path or taken.intersection(path.split(".")):
            path = draft.name
        elif alone[path] > 1 or path in inside:
            path = f"{path}.{draft.name}"
        paths[draft.name] = path
    return paths if _unambiguous(list(paths.values())) else {name: name for name in paths}


def _unambiguous(paths: list[str]) -> bool:
    """Tell whether no path is given twice or is that of a part of another."""
    parents = {parent for path in paths for parent in _parents(path)}
    return len(set(paths)) == len(paths) and not parents.intersection(paths)


def _parents(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _put(program: Program, path: str, module: nn.Module) -> None:
    *parents, last = path.split(".")
    place: nn.Module = program
    for name in parents:
        if name not in place._modules:
            place.add_module(name, nn.Module())
        place = place.get_submodule(name)
    place.add_module(last, module)
