"""A network behind a defence: what it answers, and how an attack sees it that knows the defence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core import scores
from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.heatmaps.gathering import at_once, in_passes
from cnnviz_gui.core.models.rectifiers import Rule
from cnnviz_gui.core.models.split import Cut, Objective
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method, Views

_NO_CONTEXT = NullContext()
_OF_THE_ATTACKER = 1 << 20
"""Numbers of the attacker's own draws begin here: those that judge it are never known to it."""
_SURER = 4
"""Times as many draws again has an image that some few seem to be fooled by."""
_BACK = 3
"""A picture passed back as well as forward takes the time of so many."""


def views_of(defence: Method) -> Views:
    """Return how a defence looks at a picture."""
    assert defence.views is not None
    return defence.views


def view(defence: Method, params: Params, image: Tensor, which: int) -> Tensor:
    """Return view ``which`` of an image (N, 3, H, W) in [0, 1]; with its graph where it has one."""
    seen: Tensor = defence.run(image, params, which)
    return seen


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a defended network says of one picture."""

    probabilities: Tensor
    """float64 (K,) on the CPU: the mean over the views."""
    winners: tuple[int, ...]
    """The class of each view by itself, in order."""
    winner: int
    """The class that the defence decides for: by vote, or by the mean."""

    @property
    def votes(self) -> int:
        """How many views are of the class decided for."""
        return self.winners.count(self.winner)


def answers(
    network: Network,
    defence: Method,
    params: Params,
    image: Tensor,
    ctx: Context,
    done: int = 0,
    total: int = 0,
) -> Iterator[Answer]:
    """Yield the answer to an image (1, 3, H, W) as views come in; the last is the whole answer.

    ``done`` and ``total`` count views, where this is a part of something larger.
    """
    kind = views_of(defence)
    count = kind.count(params)
    winners: list[int] = []
    added: Tensor | None = None

    def passed(numbers: Sequence[int]) -> list[Tensor]:
        seen = [view(defence, params, image, number - done) for number in numbers]
        return [scores.as_list(row) for row in network.logits(torch.cat(seen), ctx)]

    samples = range(done, done + count)
    for _, found in in_passes(network, samples, passed, ctx, total=total):
        for logits in found:
            winners.append(scores.best(logits, 1)[0])
            chances = logits.softmax(0)
            added = chances if added is None else added + chances
        assert added is not None
        mean = added / len(winners)
        voted = torch.bincount(torch.tensor(winners), minlength=len(mean)).double()
        # of classes with as many votes the more probable one
        decides = voted + mean / 2 if kind.votes else mean
        yield Answer(mean, tuple(winners), scores.best(decides, 1)[0])


def answer(
    network: Network, defence: Method, params: Params, image: Tensor, ctx: Context
) -> Answer:
    """Return what the defended network says of an image (1, 3, H, W)."""
    *_, last = answers(network, defence, params, image, ctx)
    return last


class Defended:
    """A ``Network`` behind a defence, so that an attack made for any network meets the defence.

    Where the defence has no gradient of use, that of the network at the view is passed on as it is
    (the straight-through estimator, or BPDA: Athalye et al. 2018, arXiv:1802.00420, section 4.1);
    where it is random, gradient and probabilities are means over draws, new ones each time it is
    asked (expectation over transformation: Athalye et al. 2018, arXiv:1707.07397).

    Parameters
    ----------
    draws
        How many of a random defence, each time; of any other there are as many views as it has.
    beat
        Called between passes; a more urgent job may run inside.
    reached
        Tells of logits (N, K) which samples (N,) are where the attack wants them. Of a random
        defence few draws say so by luck, and an attack that stops at its first success would stop
        there: such samples are drawn again, and all draws together count.
    """

    def __init__(
        self,
        network: Network,
        defence: Method,
        params: Params,
        draws: int = 8,
        beat: Callable[[], None] = lambda: None,
        reached: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        self.facts = network.facts
        self.device = network.device
        self._network = network
        self._defence = defence
        self._params = params
        self._views = views_of(defence)
        self._draws = draws
        self._beat = beat
        self._reached = reached if self._views.random else None
        self._next = _OF_THE_ATTACKER

    def logits(self, x: Tensor, ctx: Context = _NO_CONTEXT) -> Tensor:
        """Return (N, K) whose softmax are the mean probabilities over the views of each sample."""
        return self._sure(x, self._asked(x, self._draws, ctx), ctx)

    def gradient(
        self,
        x: Tensor,
        objective: Objective,
        ctx: Context = _NO_CONTEXT,
        rule: Rule = "gradient",
    ) -> tuple[Tensor, Tensor]:
        """Return the mean over views of d sum(objective(logits)) / dx, and logits as ``logits``.

        The mean of the gradients, not the gradient of the mean probability: it does not fade where
        one of the views is hopeless.
        """
        mean, found = torch.zeros_like(x), []
        parts = self._parts(_BACK, len(x), self._draws)
        total = sum(len(part) for part in parts)
        for place, part in enumerate(parts):
            self._pause(place)
            leaf = x.detach().requires_grad_(not self._views.straight_through)
            with torch.set_grad_enabled(leaf.requires_grad):
                seen = torch.cat([self._view(leaf, which) for which in part])

            def each(logits: Tensor) -> Tensor:
                return torch.cat([objective(rows) for rows in _split(logits, len(x))])

            behind, logits = self._network.gradient(seen.detach(), each, ctx, rule)
            if leaf.requires_grad:
                (pulled,) = torch.autograd.grad(seen, leaf, behind)
            else:
                pulled = behind.reshape(len(part), *x.shape).sum(0)
            mean += pulled / total
            found += _split(logits, len(x))
        return mean, self._sure(x, found, ctx)

    def cut(self, x: Tensor, layer: str, ctx: Context = _NO_CONTEXT) -> Cut:
        """Return the cut of the first view."""
        return self._network.cut(self._view(x, 0).detach(), layer, ctx)

    def feature_maps(
        self, x: Tensor, layers: Sequence[str], ctx: Context = _NO_CONTEXT
    ) -> dict[str, Tensor]:
        """Return the outputs of ``layers`` for the first view."""
        return self._network.feature_maps(self._view(x, 0).detach(), layers, ctx)

    def filters(self, layer: str) -> tuple[Tensor | None, Tensor | None]:
        """Return weight and bias of a convolution."""
        return self._network.filters(layer)

    def _view(self, x: Tensor, which: int) -> Tensor:
        return view(self._defence, self._params, x, which)

    def _asked(self, x: Tensor, draws: int, ctx: Context) -> list[Tensor]:
        """Return logits (N, K) of each view."""
        found: list[Tensor] = []
        for place, part in enumerate(self._parts(1, len(x), draws)):
            self._pause(place)
            with torch.no_grad():
                seen = torch.cat([self._view(x, which) for which in part])
            found += _split(self._network.logits(seen, ctx), len(x))
        return found

    def _sure(self, x: Tensor, found: list[Tensor], ctx: Context) -> Tensor:
        """Return the mean over views (N, K); of what seems to be fooled over many more draws."""
        logits = _together(found)
        if self._reached is None:
            return logits
        lucky = self._reached(logits)
        if not bool(lucky.any()):
            return logits
        self._beat()
        more = self._asked(x[lucky].detach(), _SURER * self._draws, ctx)
        logits = logits.clone()
        logits[lucky] = _together([rows[lucky] for rows in found] + more)
        return logits

    def _parts(self, work: int, samples: int, draws: int) -> list[range]:
        """Return the numbers of the views to take now, as many together as are quick."""
        count, first = self._views.count(self._params), 0
        if self._views.random:
            count, first = draws, self._next
            self._next += count
        size = max(1, at_once(self._network) // (work * samples))
        ends = range(first, first + count, size)
        return [range(start, min(start + size, first + count)) for start in ends]

    def _pause(self, place: int) -> None:
        """Let others pass before every part but the first, which the attack's own step precedes."""
        if place:
            self._beat()


def _together(logits: Sequence[Tensor]) -> Tensor:
    """Return (N, K) whose softmax is the mean of those of several (N, K); one stays as it is."""
    if len(logits) == 1:
        return logits[0]
    chances = torch.stack([one.log_softmax(1) for one in logits])
    return chances.logsumexp(0) - torch.log(torch.tensor(float(len(logits)))).to(chances)


def _split(rows: Tensor, samples: int) -> list[Tensor]:
    """Return the rows of each view; those of one view come together."""
    return [rows[start : start + samples] for start in range(0, len(rows), samples)]
