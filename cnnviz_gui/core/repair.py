"""Repair of an attack that rounding to 8 bits undid: a few steps on the grid of whole levels."""

from __future__ import annotations

import numpy as np
import torch

from cnnviz_gui.core.attacks.aim import Aim
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.level_ball import LevelBall, Levels, Numbers
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.result import AttackResult, ByteArray, frozen

_STEPS = 40
_PATIENCE = 8
"""After so many steps without a better picture, single moves lead nowhere."""
_ANEW_STEPS = 20
_MARGIN = 0.01
"""By so many logits the attack is to succeed, so that another machine's rounding undoes nothing."""
_AHEAD = 2.0
"""A step aims at so many times the gain that is missing, for the loss is no plane."""
_SHARE = 0.25
"""Of the perturbation that the attack found: the length of a step of those anew."""


def ball_of(result: AttackResult, *, grey: bool = False) -> LevelBall:
    """Return the 8-bit pictures in the ball that an attack was given."""
    return LevelBall.around(result.clean_image, result.norm.lower(), result.epsilon, grey=grey)


def possible(result: AttackResult) -> bool:
    """Tell whether the ball holds another 8-bit picture than the clean one."""
    return ball_of(result).bound != 0


def repaired(result: AttackResult, classifier: Classifier, ctx: Context) -> ByteArray | None:
    """Return the 8-bit picture nearest to the attack's, by few moves, with which it succeeds.

    From the rounded picture whole levels are moved where the gradient of the margin gains most, no
    more of them than it seems to take; what leaves the ball gives way where it is worth least. It
    ends at the first picture that succeeds by a small margin. Where that leads nowhere, the attack
    goes on from what it found, in real numbers, and of each step the 8-bit picture is tried that
    goes farthest that way: a small ball in L2 has room for few values, and those must be chosen
    together.

    Returns
    -------
    uint8 (H, W, 3), exactly in the ball of the attack; None where no such picture was found.
    """
    grey = classifier.facts.channels == 1
    ball = ball_of(result, grey=grey)
    clean = np.rint(result.clean_image.astype(np.float64) * 255).astype(np.int64)
    wanted = 255 * (result.adversarial_image.astype(np.float64) - result.clean_image)
    if grey:
        wanted = wanted.mean(0, keepdims=True)
    trials = _Trials(result, classifier, clean, ctx)
    _by_moves(trials, ball, wanted)
    if not trials.any_reached and ball.bound is not None:
        _anew(trials, ball, wanted)
    if not trials.any_reached:
        return None
    levels = (clean + trials.best).astype(np.uint8)
    return frozen(levels.transpose(1, 2, 0))


class _Trials:
    """The 8-bit pictures that were tried, and the best of them with which the attack succeeds."""

    def __init__(
        self, result: AttackResult, classifier: Classifier, clean: Levels, ctx: Context
    ) -> None:
        self._classifier, self._clean, self._ctx = classifier, clean, ctx
        label = torch.tensor([result.clean[0].index], device=classifier.device)
        target = result.target
        towards = None if target is None else torch.tensor([target.index], device=classifier.device)
        self._aim = Aim(label, towards, "margin")
        self._tried = 0
        self.best: Levels = np.zeros((1, 1, 1), np.int64)
        self._miss = np.inf
        self.any_reached = False

    @property
    def enough(self) -> bool:
        """Whether one succeeds by the margin that is wanted."""
        return self.any_reached and self._miss <= -_MARGIN

    def miss(self, change: Levels) -> tuple[float, Numbers]:
        """Try a perturbation; return the logits it falls short by, and what a level more gains."""
        self._ctx.step(self._tried, _STEPS + _ANEW_STEPS)
        self._tried += 1
        network, aim = self._classifier, self._aim
        image = torch.tensor(self._clean + change, dtype=torch.uint8)[None].to(network.device)
        image = image.to(torch.float32) / 255  # as every picture that is read
        gradient, logits = network.gradient(image, aim.gain, self._ctx)
        miss = float(aim.margin(logits))
        if bool(aim.reached(logits)) and miss < self._miss:
            self.best, self._miss, self.any_reached = change, miss, True
        slope = gradient[0].cpu().numpy().astype(np.float64) / 255
        return miss, slope.sum(0, keepdims=True) if len(change) == 1 else slope


def _by_moves(trials: _Trials, ball: LevelBall, wanted: Numbers) -> None:
    """Move single levels of the rounded picture until the attack succeeds."""
    change, ahead, before, least, waited = ball.rounded(wanted), _AHEAD, np.inf, np.inf, 0
    for _ in range(_STEPS):
        miss, slope = trials.miss(change)
        least, waited = (miss, 0) if miss < least else (least, waited + 1)
        if trials.enough or waited >= _PATIENCE:
            return
        ahead = ahead / 2 if miss > before else ahead
        before = miss
        moved = _moved(ball, change, slope, ahead * (max(miss, 0.0) + _MARGIN))
        if np.array_equal(moved, change):
            return
        change = moved


def _anew(trials: _Trials, ball: LevelBall, wanted: Numbers) -> None:
    """Go on with the attack, and round each of its steps to where it points."""
    length = _SHARE * float(np.linalg.norm(wanted))
    for _ in range(_ANEW_STEPS):
        _, slope = trials.miss(ball.farthest(wanted))
        size = float(np.linalg.norm(slope))
        if trials.enough or not size:
            return
        wanted = wanted + length / size * slope


def _moved(ball: LevelBall, change: Levels, slope: Numbers, wanted: float) -> Levels:
    """Return a perturbation that gains ``wanted`` logits to first order, or all there is to gain.

    ``slope`` is the gain of one level.
    """
    farthest = ball.farthest(slope) if ball.bound is not None else _further(ball, change, slope)
    gain = (slope * (farthest - change)).ravel()
    order = np.argsort(-gain, kind="stable")
    count = int(np.searchsorted(np.cumsum(gain[order]), wanted)) + 1
    count = min(count, int((gain > 0).sum()))
    chosen = np.zeros(gain.shape, dtype=bool)
    chosen[order[:count]] = True
    taken = chosen.reshape(change.shape)
    moved = np.where(taken, farthest, change)

    def worth(short: Levels) -> Numbers:
        """Keep what was just moved; of the rest, what gains least for what it costs goes first."""
        cost = np.maximum(1, 2 * np.abs(short) - 1) if ball.norm == "l2" else np.ones(short.shape)
        kept: Numbers = np.where(taken, np.inf, slope * np.sign(short) / cost)
        return kept

    return ball.shortened(moved, worth)


def _further(ball: LevelBall, change: Levels, slope: Numbers) -> Levels:
    """Return the perturbation one level further along a gradient."""
    return (change + np.sign(slope).astype(np.int64)).clip(ball.low, ball.high)
