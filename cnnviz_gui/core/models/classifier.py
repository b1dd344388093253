"""A frozen network in pixel space, and the ways to ask it: forward, gradient, cut at a layer."""

from __future__ import annotations

import dataclasses
import difflib
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress

import torch
from torch import Tensor, nn

from cnnviz_gui.core import shortage
from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.errors import LayerError, MethodError, ModelError
from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.models import folding, layers
from cnnviz_gui.core.models.hooks import Enough, cancellable, on_output
from cnnviz_gui.core.models.layers import Place
from cnnviz_gui.core.models.output import LOGITS, Reading
from cnnviz_gui.core.models.pixels import Card, PixelNetwork
from cnnviz_gui.core.models.split import Cut, Objective
from cnnviz_gui.core.models.trace import Trace, trace

_NO_CONTEXT = NullContext()
_FAILURES = (RuntimeError, ValueError, TypeError, AssertionError, NotImplementedError)


class Classifier:
    """A network that is frozen, in eval mode, and takes pixels; for one thread.

    It holds two copies. ``stock`` computes exactly what the architecture says, with in-place
    operations of modules switched off so that every layer's output survives. ``fast`` has batch
    norm folded into the convolutions and channels last in memory. Both give the same logits, which
    was checked when they were made; where they do not, ``fast`` is not folded.

    Attributes
    ----------
    forwards, backwards
        Images passed forward and backward so far; they only grow.
    """

    def __init__(
        self,
        network: nn.Module,
        card: Card,
        device: torch.device | None = None,
        ctx: Context = _NO_CONTEXT,
        reading: Reading = LOGITS,
    ) -> None:
        self._reading = reading
        self.device = device or torch.device("cpu")
        self.forwards = 0
        self.backwards = 0
        ctx.check()
        network = network.to(self.device).eval().requires_grad_(False)
        for module in network.modules():
            if getattr(module, "inplace", False) is True:
                module.inplace = False  # type: ignore[assignment]  # a plain attribute, not a tensor
        recorded = _dry_run(network, card)
        self._runs = recorded.runs()
        rows, self._places = layers.table(recorded)
        size = f"{card.input_size} × {card.input_size}"
        needs = shortage.forward_bytes(rows)
        shortage.require(needs, f"A picture of {size} pixels in {card.title}", self.device)
        pairs = folding.foldable(recorded)
        self._network = network
        self._stock = self._in_pixel_space(network, card, torch.contiguous_format)
        self._fast, folded = self._make_fast(card, pairs, ctx)
        self._stock_only = folding.replaced_outputs(recorded, pairs) if folded else frozenset()
        self.facts = ModelFacts(
            **{field.name: getattr(card, field.name) for field in dataclasses.fields(card)},
            parameters=sum(parameter.numel() for parameter in network.parameters()),
            macs=recorded.root.macs,
            layers=rows,
            recommended_layer=layers.recommended(recorded, rows),
            folded=folded,
            hooks=bool(rows),
        )

    @property
    def nbytes(self) -> int:
        """Bytes of all weights, those that both copies share counted once."""
        storages = {
            tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes()
            for copy in (self._stock, self._fast)
            for tensor in (*copy.parameters(), *copy.buffers())
        }
        return sum(storages.values())

    @property
    def stock(self) -> nn.Module:
        """The network as its architecture says, in pixel space; not to be altered."""
        return self._stock

    @property
    def fast(self) -> nn.Module:
        """The folded copy, in pixel space; not to be altered."""
        return self._fast

    def logits(self, x: Tensor, ctx: Context = _NO_CONTEXT) -> Tensor:
        """Return logits float32 (N, K), without a graph, of x float32 (N, 3, H, W) in [0, 1]."""
        ctx.check()
        with torch.no_grad(), cancellable(self._fast.asked, ctx):
            logits: Tensor = self._fast(x)
        self.forwards += len(x)
        return logits

    def gradient(
        self, x: Tensor, objective: Objective, ctx: Context = _NO_CONTEXT
    ) -> tuple[Tensor, Tensor]:
        """Differentiate a function of the logits to the pixels.

        Parameters
        ----------
        x
            float32 (N, 3, H, W) in [0, 1]; not touched.
        objective
            Maps logits (N, K) to values that are summed.

        Returns
        -------
        tuple
            d sum(objective(logits)) / dx, float32 (N, 3, H, W), and the logits (N, K), detached.
        """
        ctx.check()
        self._require_room(self.facts.layers, len(x))
        leaf = x.detach().requires_grad_()
        with torch.enable_grad(), cancellable(self._fast.asked, ctx) as watch:
            logits = self._fast(leaf)
            self.forwards += len(x)
            if not logits.requires_grad:
                raise MethodError(
                    f"No gradient passes through {self.facts.title}: it computes without one.",
                    "Only its predictions can be shown.",
                )
            with watch.asking(ctx):
                (gradient,) = torch.autograd.grad(objective(logits).sum(), leaf)
        self.backwards += len(x)
        return gradient.contiguous(), logits.detach()

    def cut(self, x: Tensor, layer: str, ctx: Context = _NO_CONTEXT) -> Cut:
        """Pass x forward and keep the graph from ``layer`` to the logits.

        Nothing before the layer is differentiated. The layer's output is handed on as a copy, so
        that the result is exact where the next operation works in place.

        Raises
        ------
        LayerError
            No such layer, its output is neither maps nor a vector, or the logits do not depend on
            it.
        """
        row, place = self._find(layer)
        network = self._stock if (place.path, place.number) in self._stock_only else self._fast
        leaf: Tensor | None = None

        def hand_on(call: int, output: Tensor) -> Tensor | None:
            nonlocal leaf
            if call != place.number:
                return None
            leaf = output.detach().clone().requires_grad_()
            return leaf.clone()

        _require_maps(row)
        ctx.check()
        self._require_room(self.facts.layers[self.facts.layers.index(row) :], len(x))
        with (
            torch.enable_grad(),
            on_output(network.network.get_submodule(place.path), hand_on),
            cancellable(network.asked, ctx) as watch,
        ):
            logits = network(x.detach())
            watch.ctx = NullContext()
        self.forwards += len(x)
        if leaf is None or not logits.requires_grad:
            raise LayerError(
                f"What the network says does not depend on {layer!r}.", "Choose another layer."
            )
        return Cut(leaf, logits, place.channels_end, watch, lambda: self._count_backward(len(x)))

    def feature_maps(
        self, x: Tensor, layers: Sequence[str], ctx: Context = _NO_CONTEXT
    ) -> dict[str, Tensor]:
        """Return the exact outputs of ``layers``, (N, C, h, w) or (N, C), in one pass.

        The pass ends after the last of them.

        Raises
        ------
        LayerError
            No such layer, or its output is neither maps nor a vector.
        """
        wanted: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for layer in layers:
            row, place = self._find(layer)
            _require_maps(row)
            wanted[place.path][place.number].append(layer)
        found: dict[str, Tensor] = {}

        def keeper(path: str) -> Callable[[int, Tensor], Tensor | None]:
            def keep(call: int, output: Tensor) -> Tensor | None:
                for layer in wanted[path].get(call, ()):
                    maps = output.detach()
                    if self._find(layer)[1].channels_end:
                        maps = maps.permute(0, 3, 1, 2)
                    found[layer] = maps.clone(memory_format=torch.contiguous_format)
                if len(found) == len(set(layers)):
                    raise Enough
                return None

            return keep

        ctx.check()
        if not layers:
            return {}
        with torch.no_grad(), suppress(Enough), ExitStack() as stack:
            for path in wanted:
                stack.enter_context(on_output(self._network.get_submodule(path), keeper(path)))
            stack.enter_context(cancellable(self._stock.asked, ctx))
            self._stock(x)
        self.forwards += len(x)
        return found

    def filters(self, layer: str) -> tuple[Tensor | None, Tensor | None]:
        """Return weight (out, in / groups, kh, kw) and bias (out,) of a convolution, as trained.

        A unit of one convolution with its norm and activation has its convolution's; any other
        layer has none.
        """
        conv = self._find(layer)[1].conv
        if not conv:
            return None, None
        module = self._network.get_submodule(conv)
        assert isinstance(module, nn.Conv2d)
        bias = None if module.bias is None else module.bias.detach().clone()
        return module.weight.detach().clone(), bias

    def module(self, layer: str) -> nn.Module:
        """Return the module of a layer in the stock network."""
        return self._network.get_submodule(self._find(layer)[1].path)

    def _find(self, layer: str) -> tuple[LayerFacts, Place]:
        name = layer
        if name not in self._places and self._runs.get(name, 0) > 1:
            name = f"{name}#{self._runs[name]}"  # the plain name means the last run
        row = self.facts.layer(name)
        if row is not None:
            return row, self._places[name]
        if layer in dict(self._network.named_modules()):
            raise LayerError(
                f"{layer!r} takes no part when {self.facts.title} looks at a picture.",
                "Choose another layer.",
            )
        close = difflib.get_close_matches(layer, list(self._places), n=5, cutoff=0.5)
        advice = f"Did you mean: {', '.join(close)}?" if close else "List them with: cnnviz layers"
        raise LayerError(f"{self.facts.title} has no layer {layer!r}.", advice)

    def _require_room(self, rows: Sequence[LayerFacts], images: int) -> None:
        needs = shortage.graph_bytes(rows, images)
        shortage.require(needs, f"A gradient of {self.facts.title}", self.device)

    def _count_backward(self, images: int) -> None:
        self.backwards += images

    def _in_pixel_space(
        self, network: nn.Module, card: Card, memory_format: torch.memory_format
    ) -> PixelNetwork:
        pixels = PixelNetwork(network, card, memory_format, self._reading)
        return pixels.to(self.device).eval()

    def _make_fast(
        self, card: Card, pairs: folding.Pairs, ctx: Context
    ) -> tuple[PixelNetwork, bool]:
        ctx.check()
        fast = self._in_pixel_space(
            folding.fast_copy(self._network, pairs), card, torch.channels_last
        )
        generator = torch.Generator().manual_seed(0)
        image = torch.rand(1, 3, card.input_size, card.input_size, generator=generator)
        image = image.to(self.device)
        with cancellable(self._stock.asked, ctx), cancellable(fast.asked, ctx):
            equal = folding.agree(self._stock, fast, image)
        if equal or not pairs:
            return fast, equal and bool(pairs)
        plain = folding.fast_copy(self._network, ())
        return self._in_pixel_space(plain, card, torch.channels_last), False


def _dry_run(network: nn.Module, card: Card) -> Trace:
    size = card.input_size
    try:
        # a network that looks at values while it runs cannot do without
        with suppress(*_FAILURES):
            return trace(network, size, card.channels)
        return trace(network, size, card.channels, weightless=False)
    except _FAILURES as error:
        raise ModelError(
            f"{card.title} cannot take a picture of {size} × {size} pixels.", f"It says: {error}"
        ) from error


def _require_maps(row: LayerFacts) -> None:
    if len(row.output_shape) not in (1, 3):
        shape = " × ".join(map(str, row.output_shape))
        raise LayerError(
            f"{row.name!r} gives a sequence of tokens ({shape}), not maps or a vector.",
            "Choose a layer with an output of the form C × H × W.",
        )
