"""The vector before the classifier: what transfer learning takes from a network."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.dispatch import Seeing
from cnnviz_gui.core.models.fields import tensors_in
from cnnviz_gui.core.models.hooks import Enough, cancellable, on_input, on_output
from cnnviz_gui.core.models.pixels import PixelNetwork
from cnnviz_gui.core.models.trace import weightless
from cnnviz_gui.texts import tr

_NO_CONTEXT = NullContext()
aten = torch.ops.aten
_PRODUCTS = (aten.convolution, aten.mm, aten.bmm, aten.addmm, aten.baddbmm)
_ADVICE = tr("Choose a network that ends in a linear layer or a convolution.")


@dataclass(frozen=True, slots=True)
class Head:
    """The layer that turns the embedding into logits."""

    path: str
    """Dotted name of the module."""
    number: int
    """Which of its runs, from 1."""


def find(classifier: Classifier) -> Head:
    """Return the classifier proper: the last layer with weights, where all that is said passes.

    Found by passing shapes through the network, so that it holds for any architecture: nothing is
    multiplied after this layer, and every way from the picture to the logits leads through it.

    Raises
    ------
    LayerError
        The network does not end in one linear layer or convolution, or cannot be watched.
    """
    title = classifier.facts.title
    if not classifier.facts.hooks:
        raise LayerError(
            tr(
                "The layers of {title} cannot be watched one by one, so it gives no vector.",
                title=title,
            ),
            _ADVICE,
        )
    runs, products, logits = _follow(classifier)
    # A branch that serves training only may come last and lead nowhere.
    last = next((run for run in reversed(runs) if _leads_to(logits, run.node)), None)
    if last is None:
        raise LayerError(
            tr("{title} has no layer with weights, so it gives no vector.", title=title), _ADVICE
        )
    if not isinstance(last.module, nn.Linear | nn.Conv2d):
        kind = type(last.module).__name__
        raise LayerError(
            tr(
                "{title} ends in {path!r}, a {kind}: there is no vector before a classifier.",
                title=title,
                path=last.path,
                kind=kind,
            ),
            _ADVICE,
        )
    if products > last.products or not _bears_all(logits, last.node):
        raise LayerError(
            tr(
                "What {title} says comes from several layers at once: no one vector is before"
                " them.",
                title=title,
            ),
            _ADVICE,
        )
    return Head(last.path, last.number)


def embed(classifier: Classifier, head: Head, x: Tensor, ctx: Context = _NO_CONTEXT) -> Tensor:
    """Return the embeddings float32 (N, D) of x float32 (N, 3, H, W) in [0, 1], on its device.

    Maps before the classifier are averaged over their cells. Nothing after them is computed.
    """
    network = classifier.fast
    assert isinstance(network, PixelNetwork)
    given: list[Tensor] = []

    def keep(call: int, tensor: Tensor) -> None:
        if call == head.number:
            given.append(tensor.detach())
            raise Enough

    ctx.check()
    module = network.network.get_submodule(head.path)
    with torch.no_grad(), suppress(Enough), ExitStack() as stack:
        stack.enter_context(on_input(module, keep))
        stack.enter_context(cancellable(network.asked, ctx))
        network(x)
    classifier.forwards += len(x)
    return _pooled(given[0], isinstance(module, nn.Conv2d)).float().clone()


def _pooled(given: Tensor, channels_first: bool) -> Tensor:
    """Average (N, C, h, w), or tokens (N, ..., D), over all cells; (N, D) stays."""
    if given.dim() == 2:
        return given
    return given.flatten(2).mean(2) if channels_first else given.flatten(1, -2).mean(1)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """One run of one module that has weights and no parts."""

    module: nn.Module
    path: str
    number: int
    products: int
    """Multiplications by a matrix or a kernel up to its end."""
    node: Any
    """Where its output stands in the graph of gradients."""


class _Counter(Seeing):
    """Counts multiplications by a matrix or a kernel."""

    def __init__(self) -> None:
        super().__init__()
        self.products = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.products += func.overloadpacket in _PRODUCTS
        return func(*args, **(kwargs or {}))


def _follow(classifier: Classifier) -> tuple[list[_Run], int, Any]:
    """Pass shapes; return the runs as they ended, all multiplications, the logits' node."""
    twin = weightless(classifier.stock)
    assert isinstance(twin, PixelNetwork)
    size = classifier.facts.input_size
    image = torch.zeros(1, 3, size, size, device="meta", requires_grad=True)
    runs: list[_Run] = []
    counter = _Counter()

    def noting(module: nn.Module, path: str) -> Callable[[int, Any], None]:
        def note(call: int, output: Any) -> None:
            node = next((tensor.grad_fn for tensor in tensors_in(output)), None)
            runs.append(_Run(module, path, call, counter.products, node))

        return note

    with ExitStack() as stack:
        for path, module in twin.network.named_modules():
            if not any(True for _ in module.children()) and any(True for _ in module.parameters()):
                stack.enter_context(on_output(module, noting(module, path)))
        stack.enter_context(torch.enable_grad())
        stack.enter_context(counter)
        logits = twin(image)
    return runs, counter.products, logits.grad_fn


def _leads_to(logits: Any, node: Any) -> bool:
    return node is not None and node in _walk(logits, None)


def _bears_all(logits: Any, node: Any) -> bool:
    """Whether no way from the logits to the picture leads past a node."""
    return all(type(one).__name__ != "AccumulateGrad" for one in _walk(logits, node))


def _walk(start: Any, end: Any) -> set[Any]:
    """Return the nodes of the graph from ``start`` on, not going beyond ``end``."""
    seen: set[Any] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if node is not end:
            waiting += [before for before, _ in node.next_functions]
    return seen
