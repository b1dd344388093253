"""A small set of channels that, silenced together, changes the predicted class."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from cnnviz_gui.core import scores, subject
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Share
from cnnviz_gui.core.layer_requests import FlippingSet
from cnnviz_gui.core.layer_results import FlippingChannels
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.silencer import Channels, Silencer
from cnnviz_gui.core.subject import Subject

_TOP = 5
_ALONE = 8
"""So many of the channels that matter most are tried one by one."""
_GROWTH = 4
"""Once a set has so many channels, a quarter of its size is added at a time."""


def run(request: FlippingSet, session: Session, ctx: Context) -> FlippingChannels:
    """Return the smallest set found; none of its channels can be left out.

    Channels are added by gradient times activation, those first that hold the winner most above
    the class next to it; the gradient is that of the network as it is with the set silenced. Then
    whatever is not needed is taken out again. Each set was really silenced and the prediction
    looked at, that which is returned in a whole pass of its own. A smaller set may exist: to be
    sure, all sets would have to be tried.

    Raises
    ------
    LayerError
        No such layer, its output is neither maps nor a vector, or nothing depends on it.
    """
    clean = subject.of_picture(session, request.model, request.image, ctx, request.edits)
    search = _Search(request, clean, session, ctx)
    found = search.run(ctx)
    if found and not search.verify(found):
        # Two classes so close that the order of summation decides: every pass whole, then.
        search = _Search(request, clean, session, ctx, whole=True)
        found = search.run(ctx)
    return search.result(found)


class _Search:
    """Puts sets of channels to the network and remembers what it says."""

    def __init__(
        self,
        request: FlippingSet,
        clean: Subject,
        session: Session,
        ctx: Context,
        *,
        whole: bool = False,
    ) -> None:
        self._request = request
        self._clean = clean
        self._classifier = session.classifier(request.model, ctx)
        self._silencer = Silencer(
            self._classifier, clean.image, clean.logits, request.layer, request.edits, whole=whole
        )
        self._ctx = ctx
        self._said: dict[frozenset[int], Tensor] = {frozenset(): clean.logits}
        self._orders: dict[Channels, list[int]] = {}
        self._last: Channels = ()

    def run(self, ctx: Context) -> Channels:
        """Return the set found; empty where there is none."""
        found = self.alone(Share(ctx, 0, 100)) or self.grow(Share(ctx, 100, 500))
        return self.prune(found, Share(ctx, 500, 1000)) if found else ()

    def verify(self, found: Channels) -> bool:
        """Tell whether a set changes the prediction in a whole pass; what that says is kept."""
        said = self._said[frozenset(found)] = self._silencer.in_whole(found, self._ctx)
        return scores.best(said, 1)[0] != self._clean.winner

    def alone(self, ctx: Context) -> Channels:
        """Try single channels; return the first that is enough, or nothing."""
        best = self._order(())[:_ALONE]
        done = 0
        while done < len(best):
            ctx.step(done, len(best))
            some = [(channel,) for channel in best[done : done + self._silencer.count]]
            flipping = self._first(some)
            if flipping is not None:
                return some[flipping]
            done += len(some)
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
            if self._first([chosen]) is not None:
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
            starts = list(reversed(range(0, len(found), size)))
            together = 1
            while starts:
                done = min(done + 1, steps)
                ctx.step(done, steps)
                # Most parts are needed: several are asked about at once, as if all were.
                some = starts[: min(together, self._silencer.count)]
                fewer = [found[:start] + found[start + size :] for start in some]
                flipping = self._first([one for one in fewer if one])
                if flipping is None:
                    del starts[: len(some)]
                    together *= 2
                    continue
                found = fewer[flipping]
                del starts[: flipping + 1]
                together = 1
                self._ctx.partial(self.result(found))
            if size == 1 and found == before:
                return found
            size = max(1, size // 2)

    def result(self, found: Channels) -> FlippingChannels:
        """Return what is known; without a set, the prediction after the last that was tried."""
        after = self._said[frozenset(found or self._last)]
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

    def _first(self, sets: Sequence[Channels]) -> int | None:
        """Return which of some sets is the first that changes the prediction; None if none does."""
        new = [one for one in sets if frozenset(one) not in self._said]
        if new:
            for one, said in zip(new, self._silencer.logits(new, self._ctx), strict=True):
                self._said[frozenset(one)] = said
        for number, one in enumerate(sets):
            self._last = one
            if scores.best(self._said[frozenset(one)], 1)[0] != self._clean.winner:
                return number
        return None

    def _order(self, channels: Channels) -> list[int]:
        """Return the channels that hold the winner up while ``channels`` are silent, best first."""
        if channels in self._orders:
            return self._orders[channels]
        winner = self._clean.winner
        others = self._said[frozenset(channels)].clone()
        others[winner] = -torch.inf
        rival = int(others.argmax())
        cut = self._silencer.cut(channels, self._ctx)
        gradient = cut.gradient(lambda logits: logits[:, winner] - logits[:, rival], self._ctx)
        product = (gradient * cut.features)[0]
        margin = product.reshape(len(product), -1).sum(1)
        order = margin.argsort(descending=True, stable=True).tolist()
        held = [channel for channel in order if float(margin[channel]) > 0]
        self._orders[channels] = held
        return held
