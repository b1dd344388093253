"""A frozen network in pixel space, and the ways to ask it: forward, gradient, cut at a layer."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad

from cnnviz_gui.core import edits as editing
from cnnviz_gui.core import shortage
from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.models import blueprint, folding
from cnnviz_gui.core.models.blueprint import Blueprint, unrelated
from cnnviz_gui.core.models.hooks import Enough, cancellable
from cnnviz_gui.core.models.layers import Place, require_maps
from cnnviz_gui.core.models.output import LOGITS, Reading
from cnnviz_gui.core.models.pixel_gradient import differentiate
from cnnviz_gui.core.models.pixels import Card, PixelNetwork
from cnnviz_gui.core.models.places import at_places
from cnnviz_gui.core.models.rectifiers import Rule
from cnnviz_gui.core.models.split import Cut, Objective
from cnnviz_gui.core.request import ChannelEdit
from cnnviz_gui.texts import tr

_NO_CONTEXT = NullContext()


class Classifier:
    """A network that is frozen, in eval mode, and takes pixels; for one thread.

    It holds two copies. ``stock`` computes exactly what the architecture says, with in-place
    operations of modules switched off so that every layer's output survives. ``fast`` has batch
    norm folded into the convolutions and channels last in memory; it is made when it is first
    needed. Both give the same logits, which is checked then; where they do not, ``fast`` is not
    folded.

    Parameters
    ----------
    known
        The blueprint of this very architecture, where it was drawn before.

    Attributes
    ----------
    blueprint
        What a pass through the network told.
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
        known: Blueprint | None = None,
    ) -> None:
        self._reading = reading
        self.device = device or torch.device("cpu")
        self.forwards = 0
        self.backwards = 0
        ctx.check()
        network = blueprint.settle(network.to(self.device))
        self.blueprint = known or blueprint.draw(network, card)
        rows = self.blueprint.rows
        size = f"{card.input_size} × {card.input_size}"
        needs = shortage.forward_bytes(rows)
        what = tr("A picture of {size} pixels in {title}", size=size, title=card.title)
        shortage.require(needs, what, self.device)
        self._network = network
        self._card = card
        self._stock = self._in_pixel_space(network, torch.contiguous_format)
        self._fast: PixelNetwork | None = None
        self.facts = ModelFacts(
            **{field.name: getattr(card, field.name) for field in dataclasses.fields(card)},
            parameters=sum(parameter.numel() for parameter in network.parameters()),
            macs=self.blueprint.macs,
            layers=rows,
            recommended_layer=self.blueprint.recommended,
            folded=bool(self.blueprint.pairs),
            hooks=bool(rows),
            activations=self.blueprint.activations,
        )

    @property
    def nbytes(self) -> int:
        """Bytes of all weights, with those that the fast copy will have of its own."""
        copies = (self._stock,) if self._fast is None else (self._stock, self._fast)
        storages = {
            tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes()
            for copy in copies
            for tensor in (*copy.parameters(), *copy.buffers())
        }
        ahead = 0
        if self._fast is None:
            ahead = folding.copied_bytes(self._network, self.blueprint.pairs)
        return sum(storages.values()) + ahead

    @property
    def stock(self) -> nn.Module:
        """The network as its architecture says, in pixel space; not to be altered."""
        return self._stock

    @property
    def fast(self) -> nn.Module:
        """The folded copy, in pixel space; not to be altered."""
        return self._made_fast(_NO_CONTEXT)

    def logits(self, x: Tensor, ctx: Context = _NO_CONTEXT) -> Tensor:
        """Return logits float32 (N, K), without a graph, of x float32 (N, 3, H, W) in [0, 1]."""
        ctx.check()
        fast = self._made_fast(ctx)
        with torch.no_grad(), cancellable(fast.asked, ctx):
            logits: Tensor = fast(x)
        self.forwards += len(x)
        return logits

    def gradient(
        self,
        x: Tensor,
        objective: Objective,
        ctx: Context = _NO_CONTEXT,
        rule: Rule = "gradient",
    ) -> tuple[Tensor, Tensor]:
        """Differentiate a function of the logits to the pixels.

        Parameters
        ----------
        x
            float32 (N, 3, H, W) in [0, 1]; not touched.
        objective
            Maps logits (N, K) to values that are summed.
        rule
            What passes back through a ReLU.

        Returns
        -------
        tuple
            d sum(objective(logits)) / dx, float32 (N, 3, H, W), and the logits (N, K), detached.
        """
        ctx.check()
        self._require_room(self.facts.layers, len(x))
        found = differentiate(self._made_fast(ctx), x, objective, ctx, rule, self.facts.title)
        self.forwards += len(x)
        self.backwards += len(x)
        return found

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
        row, place = self._find_maps(layer)
        network = self._made_fast(ctx)
        if self.facts.folded and (place.path, place.number) in self.blueprint.replaced:
            network = self._stock
        leaf: Tensor | None = None

        def hand_on(output: Tensor) -> Tensor:
            nonlocal leaf
            leaf = output.detach().clone().requires_grad_()
            return leaf.clone()

        ctx.check()
        self._require_room(self.facts.layers[self.facts.layers.index(row) :], len(x))
        with (
            torch.enable_grad(),
            at_places(network.network, {place: hand_on}),
            cancellable(network.asked, ctx) as watch,
        ):
            logits = network(x.detach())
            watch.ctx = NullContext()
        self.forwards += len(x)
        if leaf is None or not logits.requires_grad:
            raise unrelated(layer)
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
        found: dict[str, Tensor] = {}

        def keep(layer: str, maps: Tensor) -> None:
            found[layer] = maps.clone(memory_format=torch.contiguous_format)

        self.visit(x, layers, keep, ctx)
        return found

    def visit(
        self,
        x: Tensor,
        layers: Sequence[str],
        action: Callable[[str, Tensor], None],
        ctx: Context = _NO_CONTEXT,
    ) -> None:
        """Call ``action(layer, maps)`` for each of ``layers`` as one pass comes by; keep nothing.

        ``maps`` (N, C, h, w) or (N, C) is the exact output; what follows may overwrite it. The pass
        ends after the last of them.

        Raises
        ------
        LayerError
            As ``feature_maps``.
        """
        wanted: dict[Place, list[str]] = defaultdict(list)
        for layer in dict.fromkeys(layers):
            _, place = self._find_maps(layer)
            wanted[place].append(layer)
        left = set(wanted)

        def shower(place: Place) -> Callable[[Tensor], None]:
            def show(output: Tensor) -> None:
                maps = output.detach()
                for layer in wanted[place]:
                    action(layer, maps.permute(0, 3, 1, 2) if place.channels_end else maps)
                left.discard(place)
                if not left:
                    raise Enough

            return show

        ctx.check()
        if not layers:
            return
        with (
            torch.no_grad(),
            suppress(Enough),
            at_places(self._network, {place: shower(place) for place in wanted}),
            cancellable(self._stock.asked, ctx),
        ):
            self._stock(x)
        self.forwards += len(x)

    @contextmanager
    def edited(
        self,
        edits: Sequence[ChannelEdit],
        ctx: Context = _NO_CONTEXT,
        others: Sequence[Sequence[ChannelEdit]] = (),
    ) -> Iterator[None]:
        """Silence or scale channels for the one pass that is made inside the ``with``.

        With ``others`` the edits are those of the first picture, and these of each one after it.
        A layer's own output is edited too, as whatever reads it finds it. Both copies mean the
        same: the factor of a convolution is that before its norm, also where the two are folded.

        Raises
        ------
        LayerError
            No such layer or channel, or its output is neither maps nor a vector.
        """
        if not any(each := (edits, *others)):
            yield
            return
        fast = self._made_fast(ctx)
        rules = []
        for layer in dict.fromkeys(edit.layer for one in each for edit in one):
            row, place = self._find_maps(layer)
            here = [[edit for edit in one if edit.layer == layer] for one in each]
            rules.append(editing.rule(row, place, here))
        folded = rules
        if self.facts.folded:
            folded = [editing.for_folded(rule, self.blueprint, self._network) for rule in rules]
        with (
            editing.applied(self._network, rules),
            editing.applied(fast.network, folded),
            fast.replay.altered(),
        ):
            yield

    def push(self, x: Tensor, layer: str, channel: int, ctx: Context = _NO_CONTEXT) -> Tensor:
        """Return how fast the logits (N, K) grow when every cell of a channel grows at speed 1.

        Raises
        ------
        LayerError
            As ``cut``, or there is no such channel.
        """
        row, place = self._find_maps(layer)
        editing.rule(row, place, [[ChannelEdit(layer=layer, channel=channel)]])
        replaced = self.facts.folded and (place.path, place.number) in self.blueprint.replaced
        network = self._stock if replaced else self._made_fast(ctx)
        ctx.check()
        with (
            torch.no_grad(),
            forward_ad.dual_level(),
            editing.differentiable_attention(),
            editing.applied(network.network, [editing.Push(place, channel)]),
            cancellable(network.asked, ctx),
        ):
            speed: Tensor | None = forward_ad.unpack_dual(network(x)).tangent  # type: ignore[no-untyped-call]
        self.forwards += len(x)
        if speed is None:
            raise unrelated(layer)
        return speed.clone()

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

    def place(self, layer: str) -> Place:
        """Return where in the network a layer is.

        Raises
        ------
        LayerError
            No such layer.
        """
        return self._find(layer)[1]

    def module(self, layer: str) -> nn.Module:
        """Return the module of a layer in the stock network.

        Raises
        ------
        LayerError
            No such layer, or it is an operation in the code of a module.
        """
        row, place = self._find(layer)
        if place.operation:
            raise LayerError(
                tr("{name!r} is no module but an operation in the code of one.", name=row.name),
                tr("Choose a layer that is a module."),
            )
        return self._network.get_submodule(place.path)

    def _find(self, layer: str) -> tuple[LayerFacts, Place]:
        return blueprint.find(self.blueprint, layer, self._network, self.facts.title)

    def _find_maps(self, layer: str) -> tuple[LayerFacts, Place]:
        row, place = self._find(layer)
        require_maps(row)
        return row, place

    def _require_room(self, rows: Sequence[LayerFacts], images: int) -> None:
        needs = shortage.graph_bytes(rows, images)
        shortage.require(needs, tr("A gradient of {title}", title=self.facts.title), self.device)

    def _count_backward(self, images: int) -> None:
        self.backwards += images

    def _in_pixel_space(self, network: nn.Module, layout: torch.memory_format) -> PixelNetwork:
        return PixelNetwork(network, self._card, layout, self._reading).to(self.device).eval()

    def _made_fast(self, ctx: Context) -> PixelNetwork:
        """Return the fast copy, made now where it was not needed before."""
        if self._fast is not None:
            return self._fast
        pairs = self.blueprint.pairs
        fast = self._in_pixel_space(folding.fast_copy(self._network, pairs), torch.channels_last)
        if pairs and not self._agrees(fast, ctx):
            plain = folding.fast_copy(self._network, ())
            fast = self._in_pixel_space(plain, torch.channels_last)
            self.facts = dataclasses.replace(self.facts, folded=False)
        self._fast = fast
        return fast

    def _agrees(self, fast: PixelNetwork, ctx: Context) -> bool:
        size = self._card.input_size
        generator = torch.Generator().manual_seed(0)
        image = torch.rand(1, 3, size, size, generator=generator).to(self.device)
        with cancellable(self._stock.asked, ctx), cancellable(fast.asked, ctx):
            return folding.agree(self._stock, fast, image)
