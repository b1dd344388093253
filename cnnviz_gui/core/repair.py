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
_MARGIN = 0.01
"""By so many logits the attack is to succeed, so that another machine's rounding undoes nothing."""
_AHEAD = 2.0
"""A step aims at so many times the gain that is missing, for the loss is no plane."""


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
    ends at the first picture that succeeds by a small margin.

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
    label = torch.tensor([result.clean[0].index], device=classifier.device)
    target = result.target
    towards = None if target is None else torch.tensor([target.index], device=classifier.device)
    aim = Aim(label, towards, "margin")
    change, ahead, before = ball.rounded(wanted), _AHEAD, np.inf
    found: tuple[float, Levels] | None = None
    for step in range(_STEPS + 1):
        ctx.step(step, _STEPS)
        image = torch.tensor(clean + change, dtype=torch.uint8)[None].to(classifier.device)
        image = image.to(torch.float32) / 255  # as every picture that is read
        gradient, logits = classifier.gradient(image, aim.gain, ctx)
        miss = float(aim.margin(logits))
        if bool(aim.reached(logits)) and (found is None or miss < found[0]):
            found = miss, change
        if (found is not None and found[0] <= -_MARGIN) or step == _STEPS:
            break
        ahead = ahead / 2 if miss > before else ahead
        before = miss
        slope = gradient[0].cpu().numpy().astype(np.float64) / 255
        slope = slope.sum(0, keepdims=True) if grey else slope
        moved = _moved(ball, change, slope, ahead * (max(miss, 0.0) + _MARGIN))
        if np.array_equal(moved, change):
            break
        change = moved
    if found is None:
        return None
    levels = (clean + found[1]).astype(np.uint8)
    return frozen(levels.transpose(1, 2, 0))


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
