"""What a network gives before a layer, kept for one picture so that it is computed only once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.models.fields import tensors_in
from cnnviz_gui.core.models.hooks import Enough, cancellable, with_tensors
from cnnviz_gui.core.models.layers import Place
from cnnviz_gui.core.models.pixels import PixelNetwork
from cnnviz_gui.core.models.places import at_places

_NO_CONTEXT = NullContext()


class Trunk:
    """The outputs of all modules that end before a layer, but for those inside one of them.

    While they are ``kept`` the modules hand them out and do not run; functions in the code around
    them do. It is a bet that a network does the same each time: try it before it is trusted.

    Parameters
    ----------
    network
        One copy of a network; another copy knows nothing of it.
    place
        Of the layer, whose own output is kept too, as it was before any edit.
    x
        float32 (1, 3, S, S) in [0, 1].
    """

    def __init__(
        self, network: PixelNetwork, place: Place, x: Tensor, ctx: Context = _NO_CONTEXT
    ) -> None:
        ended: list[_Run] = []

        def stop(_output: Tensor) -> None:
            raise Enough

        with (
            torch.no_grad(),
            suppress(Enough),
            _forwards({module: _noting(module, ended) for module in network.network.modules()}),
            at_places(network.network, {place: stop}),
            cancellable(network.asked, ctx),
        ):
            network(x)
        read = {id(tensor) for run in ended for tensor in run.given}
        self._outputs: dict[nn.Module, list[tuple[Any, bool]]] = defaultdict(list)
        for run in ended:
            self._outputs[run.module].append((run.copy, run.is_left(read)))

    @contextmanager
    def kept(self, count: int) -> Iterator[None]:
        """Do without the trunk in one pass of so many copies of the picture."""
        with _forwards({one: _replaying(one, runs, count) for one, runs in self._outputs.items()}):
            yield


class _Run:
    """One run of one module."""

    def __init__(self, module: nn.Module, given: tuple[Tensor, ...], output: Any) -> None:
        self.module = module
        self.given = given
        self._outputs = [(tensor, tensor._version) for tensor in tensors_in(output)]
        # What follows may overwrite the output itself.
        self.copy = with_tensors(output, lambda tensor: tensor.detach().clone())

    def is_left(self, read: set[int]) -> bool:
        """Tell whether code that runs still may read or overwrite what the module gave."""
        return any(
            id(tensor) not in read or tensor._version != version
            for tensor, version in self._outputs
        )


def _noting(module: nn.Module, ended: list[_Run]) -> Callable[..., Any]:
    forward = module.forward

    def run(*args: Any, **kwargs: Any) -> Any:
        before = len(ended)
        output = forward(*args, **kwargs)
        del ended[before:]
        ended.append(_Run(module, (*tensors_in(args), *tensors_in(kwargs)), output))
        return output

    return run


def _replaying(module: nn.Module, runs: list[tuple[Any, bool]], count: int) -> Callable[..., Any]:
    forward, waiting = module.forward, iter(runs)

    def run(*args: Any, **kwargs: Any) -> Any:
        known = next(waiting, None)
        if known is None:  # a run behind the layer
            return forward(*args, **kwargs)
        return with_tensors(known[0], lambda tensor: _copies(tensor, count, known[1]))

    return run


def _copies(tensor: Tensor, count: int, own: bool) -> Tensor:
    """Return a tensor of one picture as one of several, each with ``own`` memory or all with one.

    What only modules of the trunk read is read by nobody now.
    """
    if tensor.dim() == 0:
        return tensor.clone()
    if own or len(tensor) != 1:
        return torch.cat([tensor] * count)  # unlike repeat it leaves channels last in memory
    return tensor.expand(count, *tensor.shape[1:])


@contextmanager
def _forwards(instead: dict[nn.Module, Callable[..., Any]]) -> Iterator[None]:
    """Run something else in place of the code of modules; their hooks are called as ever."""
    before = {module: vars(module)["forward"] for module in instead if "forward" in vars(module)}
    try:
        for module, forward in instead.items():
            vars(module)["forward"] = forward
        yield
    finally:
        for module in instead:
            vars(module).pop("forward", None)
            if module in before:
                vars(module)["forward"] = before[module]
