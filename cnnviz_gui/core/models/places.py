"""Looking at the rows of the layer table in a pass, be they modules or operations in their code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from torch import Tensor, nn

from cnnviz_gui.core.models.hooks import on_output
from cnnviz_gui.core.models.layers import Place
from cnnviz_gui.core.models.operations import watching

Action = Callable[[Tensor], Tensor | None]
"""Is given an output; what it returns is handed on, None leaves the output as it is."""


@contextmanager
def at_places(network: nn.Module, actions: Mapping[Place, Action]) -> Iterator[None]:
    """Call the action of each place with its output, in one pass of ``network``.

    The runs of a module are counted from here, so a second pass inside the ``with`` is not seen.
    """
    modules: dict[str, dict[int, Action]] = defaultdict(dict)
    operations = {}
    for place, action in actions.items():
        if place.operation:
            operations[place.path, place.operation, place.number] = action
        else:
            modules[place.path][place.number] = action
    with ExitStack() as stack:
        for path, runs in modules.items():
            stack.enter_context(on_output(network.get_submodule(path), _of_runs(runs)))
        stack.enter_context(watching(network, operations))
        yield


def _of_runs(runs: Mapping[int, Action]) -> Callable[[int, Tensor], Tensor | None]:
    def act(call: int, output: Tensor) -> Tensor | None:
        return runs[call](output) if call in runs else None

    return act
