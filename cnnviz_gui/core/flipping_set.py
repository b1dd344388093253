"""A small set of channels that, silenced together, changes the predicted class."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from cnnviz_gui.core import scores, subject
from cnnviz_gui.core.asked import Asked
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Share
from cnnviz_gui.core.cuts import CutMemory
from cnnviz_gui.core.layer_requests import FlippingSet
from cnnviz_gui.core.layer_results import FlippingChannels
from cnnviz_gui.core.request import ChannelEdit
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.subject import Subject

_TOP = 5
_ALONE = 8
"""So many of the channels that matter most are tried one by one."""
_GROWTH = 4
"""Once a set has so many channels, a quarter of its size is added at a time."""

Channels = tuple[int, ...]


def run(request: FlippingSet, session: Session, ctx: Context) -> FlippingChannels:
    """Return the smallest set found; none of its channels can be left out.

    Channels are added by gradient times activation, those first that hold the winner most above
    the class next to it; the gradient is that of the network as it is with the set silenced. Then
    whatever is not needed is taken out again. Each set was really silenced and the prediction
    looked at. A smaller set may exist: to be sure, all sets would have to be tried.

    Raises
    ------
    LayerError
        No such layer, its output is neither maps nor a vector, or nothing depends on it.
    """
    clean = subject.of_picture(session, request.model, request.image, ctx, request.edits)
    search = _Search(request, clean, session, ctx)
    found = search.alone(Share(ctx, 0, 100)) or search.grow(Share(ctx, 100, 500))
    if found:
        found = search.prune(found, Share(ctx, 500, 1000))
    return search.result(found)


class _Search:
    """Puts sets of channels to the network and remembers what it says."""

    def __init__(
        self, request: FlippingSet, clean: Subject, session: Session, ctx: Context
    ) -> None:
        self._request = request
        self._clean = clean
        self._classifier = session.classifier(request.model, ctx)
        self._ctx = ctx
        self._said: dict[frozenset[int], Tensor] = {frozenset(): clean.logits}
        self._last: Channels = ()

    def alone(self, ctx: Context) -> Channels:
        """Try single channels; return the first that is enough, or nothing."""
        best = self._order(())[:_ALONE]
        for done, channel in enumerate(best):
            ctx.step(done, len(best))
            if self._flips((channel,)):
                return (channel,)
        return ()

    def grow(self, ctx: Context) -> Channels:
        """Add channels until the prediction changes, or none is left that holds it."""
        chosen: Channels = ()
        while True:
            order = [channel for channel in self._order(chosen) if channel not in chosen]
            if not order:
                return ()
            ctx.step(len(chosen), len(chosen) + len(order))
            chosen += tuple(order[: max(1, len(chosen) // _GROWTH)])
            if self._flips(chosen):
                self._ctx.partial(self.result(chosen))
                return chosen
            self._ctx.partial(self.result(()))

    def prune(self, found: Channels, ctx: Context) -> Channels:
        """Leave out halves, quarters and so on to single channels, until each one is needed."""
        size = max(1, len(found) // 2)
        steps = max(1, 2 * len(found))
        done = 0
        while True:
            before = found
            for start in reversed(range(0, len(found), size)):
                fewer = found[:start] + found[start + size :]
                done = min(done + 1, steps)
                ctx.step(done, steps)
                if fewer and self._flips(fewer):
                    found = fewer
                    self._ctx.partial(self.result(found))
            if size == 1 and found == before:
                return found
            size = max(1, size // 2)

    def result(self, found: Channels) -> FlippingChannels:
        """Return what is known; without a set, the prediction after the last that was tried."""
        after = self._logits(found or self._last)
        listed = {*scores.best(self._clean.logits, _TOP), *scores.best(after, _TOP)}
        labels = self._classifier.facts.labels
        return FlippingChannels(
            layer=self._request.layer,
            channels=found,
            tried=len(self._said) - 1,
            before=scores.scores(self._clean.logits, listed, labels),
            after=scores.scores(after, listed, labels),
            found=bool(found),
        )

    def _flips(self, channels: Sequence[int]) -> bool:
        self._last = tuple(channels)
        return scores.best(self._logits(channels), 1)[0] != self._clean.winner

    def _logits(self, channels: Sequence[int]) -> Tensor:
        key = frozenset(channels)
        if key not in self._said:
            said = self._asked(channels).logits(self._clean.image, self._ctx)
            self._said[key] = scores.as_list(said)
        return self._said[key]

    def _order(self, channels: Sequence[int]) -> list[int]:
        """Return the channels that hold the winner up while ``channels`` are silent, best first."""
        winner = self._clean.winner
        others = self._logits(channels).clone()
        others[winner] = -torch.inf
        rival = int(others.argmax())
        cut = self._asked(channels).cut(self._clean.image, self._request.layer, self._ctx)
        gradient = cut.gradient(lambda logits: logits[:, winner] - logits[:, rival], self._ctx)
        product = (gradient * cut.features)[0]
        margin = product.reshape(len(product), -1).sum(1)
        order = margin.argsort(descending=True, stable=True).tolist()
        return [channel for channel in order if float(margin[channel]) > 0]

    def _asked(self, channels: Sequence[int]) -> Asked:
        silenced = tuple(ChannelEdit(layer=self._request.layer, channel=c) for c in channels)
        edits = (*self._request.edits, *silenced)
        return Asked(self._classifier, self._clean.image, "", CutMemory(), edits)
