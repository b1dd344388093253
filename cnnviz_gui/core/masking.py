"""Signs that the gradients of a network are masked, each looked for by a function of its own.

Source: Athalye et al. 2018, Obfuscated Gradients Give a False Sense of Security, arXiv:1802.00420,
section 3.1; Carlini et al. 2019, On Evaluating Adversarial Robustness, arXiv:1902.06705, section 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from cnnviz_gui.core import masking_words as words
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.attacks.aim import Aim
from cnnviz_gui.core.attacks.pgd import PgdParams, pgd
from cnnviz_gui.core.attacks.square import SquareParams, square
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part, Share
from cnnviz_gui.core.masking_requests import MaskingParams
from cnnviz_gui.core.masking_results import Check, CheckName, CheckState
from cnnviz_gui.core.params import specs
from cnnviz_gui.texts import tr

_MOST_ZEROS = 0.9
"""A larger share of the pixels without a gradient is no accident of dark corners."""
_RESOLUTION = 2.0**-24
"""Less than this below 1 no float32 lies."""
_DRAWS, _SPREADS = 8, 4.0
"""Noise is drawn so often; a gradient of use gains more than its mean and so many deviations."""
_PART = 0.25
"""Of the ball: the step that is compared, as long as one of PGD's ten."""
_SHARES = (0.25, 0.5, 1.0, 2.0)
"""Of epsilon, at which the attack is tried."""
_SLACK = 0.02
"""By how much of its gain one step may be better than many and it means nothing."""
_FREE_STEPS, _FREE_LENGTH = 30, 4 / 255
"""Of the attack that nothing bounds, in L∞."""


@dataclass(slots=True, eq=False)
class Case:
    """One network, one picture, one attack, and what several checks need of them."""

    network: Network
    image: Tensor
    """float32 (1, 3, H, W) in [0, 1]."""
    aim: Aim
    """With the loss that the attack raises."""
    norm: str
    epsilon: float | None
    """None for an attack without a budget."""
    success: bool
    """Of the attack."""
    params: MaskingParams
    uses_gradients: bool = True
    gradient: Tensor = field(init=False)
    logits: Tensor = field(init=False)
    _reached: dict[float, tuple[bool, float]] = field(init=False, default_factory=dict)

    def differentiate(self, ctx: Context) -> None:
        """Ask for the gradient at the picture, which the first checks are about."""
        self.gradient, self.logits = self.network.gradient(self.image, self.aim.gain, ctx)

    @property
    def ball(self) -> balls.Ball:
        """The ball of the attack; without a budget, or with none at all, 1 / 255 in L∞."""
        grey = self.network.facts.channels == 1
        norm, epsilon = (self.norm, self.epsilon) if self.epsilon else ("linf", 1.0)
        return balls.ball(norm, balls.radius(norm, epsilon), grey)

    def lead(self, logits: Tensor) -> Tensor:
        """Return (N,): minus the margin, which no softmax can hide; positive where it succeeds."""
        one = torch.zeros(len(logits), dtype=torch.long, device=logits.device)
        target = None if self.aim.target is None else self.aim.target[one]
        return -Aim(self.aim.label[one], target, "margin").margin(logits)

    def walked(self, share: float, steps: int, ctx: Context) -> tuple[bool, float]:
        """Return whether so many steps succeed in a share of the ball, and their lead."""
        assert self.epsilon is not None
        epsilon = share * self.epsilon
        found = self._reached.get(epsilon) if steps > 1 else None
        if found is None:
            params = PgdParams(
                norm=self.norm,
                epsilon=epsilon,
                steps=steps,
                # one step crosses the ball to its edge, as FGSM does
                step_size=epsilon if steps == 1 else 0.0,
                loss=self.aim.loss,
                random_start=False,
            )
            label, target = self.aim.label, self.aim.target
            image = pgd(self.network, self.image, label, target, params, Part(ctx))
            logits = self.network.logits(image, ctx)
            found = bool(self.aim.reached(logits)), float(self.lead(logits))
            if steps > 1:
                self._reached[epsilon] = found
        return found


Probe = Callable[[Case, Context], Check]


def gradient(case: Case, ctx: Context) -> Check:
    """Look for pixels on which nothing depends."""
    title = tr("The gradient is not zero")
    if not case.uses_gradients:
        return _idle("gradient", title)
    zeros = float((case.gradient == 0).float().mean())
    failed = zeros > _MOST_ZEROS
    return Check(
        name="gradient",
        title=title,
        state=_state(failed),
        found=words.zeros(zeros),
        advice=_if(
            failed,
            tr(
                "If the softmax is saturated, choose the margin or the DLR as loss; if the"
                " picture or the network is rounded, attack as if it were not, or choose"
                " Square."
            ),
        ),
        figures=(("zeros", zeros),),
    )


def softmax(case: Case, ctx: Context) -> Check:
    """Look for a probability so near to 1 that its cross-entropy is 0, and so is the gradient."""
    title = tr("The softmax is not saturated")
    if not case.uses_gradients:
        return _idle("softmax", title)
    chances = case.logits.cpu().double().softmax(1)[0]
    label = int(case.aim.label[0])
    others = torch.cat([chances[:label], chances[label + 1 :]])
    missing = float(others.sum())
    exposed = case.aim.loss == "cross-entropy" and case.aim.target is None
    failed = exposed and missing < _RESOLUTION
    if not exposed and missing < _RESOLUTION:
        found = tr("It is, but the loss of this attack does not fade with it.")
    else:
        found = words.confident(missing, rounded=failed)
    return Check(
        name="softmax",
        title=title,
        state=_state(failed),
        found=found,
        advice=_if(failed, tr("Choose the margin or the DLR as loss: no softmax is in them.")),
        figures=(("missing", missing),),
    )


def noise(case: Case, ctx: Context) -> Check:
    """Set a step along the gradient beside steps of the same length at random."""
    title = tr("The gradient leads further than noise")
    if not case.uses_gradients:
        return _idle("noise", title)
    ball = case.ball
    length = _PART * ball.radius
    generator = torch.Generator().manual_seed(case.params.seed)
    ways = [case.gradient]
    for _ in range(_DRAWS):
        ways.append(torch.randn(case.image.shape[1:], generator=generator)[None].to(case.image))
    leads: list[float] = []
    for way in ways:
        ctx.step(len(leads), len(ways))
        moved = ball.project(case.image, case.image + ball.step(way, "steepest", length))
        leads.append(float(case.lead(case.network.logits(moved, ctx))))
    before = float(case.lead(case.logits))
    along = leads[0] - before
    drawn = torch.tensor(leads[1:], dtype=torch.float64) - before
    mean, spread = float(drawn.mean()), float(drawn.std())
    failed = along <= max(mean + _SPREADS * spread, 0.0)
    return Check(
        name="noise",
        title=title,
        state=_state(failed),
        found=tr(
            "A small step along it gains {along} on the leading logit; noise as large"
            " gains {noise} on average, {best} at best.",
            along=_signed(along),
            noise=_signed(mean),
            best=_signed(float(drawn.max())),
        ),
        advice=_if(
            failed,
            tr(
                "The gradient does not tell where to go: choose Square, which asks for none, or"
                " an attack that knows the defence."
            ),
        ),
        figures=(("along", along), ("noise", mean), ("best_noise", float(drawn.max()))),
    )


def steps(case: Case, ctx: Context) -> Check:
    """Set one step to the edge of the ball beside many small ones."""
    title = tr("Many steps do better than one")
    if not case.uses_gradients or not case.epsilon:
        return _idle("steps", title, budget=case.uses_gradients)
    single, lead = case.walked(1.0, 1, Share(ctx, 0, 100))
    many, best = case.walked(1.0, case.params.steps, Share(ctx, 100, 1000))
    failed = (single and not many) or (not many and lead > best + _SLACK * abs(best))
    found = words.steps(case.params.steps, many, single, left=(-best, -lead))
    if many and not case.success:
        found += " " + tr("That this attack fails is its own weakness.")
    return Check(
        name="steps",
        title=title,
        state=_state(failed),
        found=found,
        advice=_if(
            failed, tr("Take more and smaller steps, restarts, or APGD, which finds its own.")
        ),
        figures=(("one", lead), ("many", best)),
    )


def budget(case: Case, ctx: Context) -> Check:
    """Look for an epsilon that is enough, and a larger one that is not."""
    title = tr("A larger epsilon does not fail again")
    if not case.uses_gradients or not case.epsilon:
        return _idle("budget", title, budget=case.uses_gradients)
    tried = [share for share in _SHARES if share <= 1 or _allowed(case, share)]
    parts = [
        Share(ctx, *(1000 * end // len(tried) for end in (k, k + 1))) for k in range(len(tried))
    ]
    ends = [
        case.walked(share, case.params.steps, part)[0]
        for share, part in zip(tried, parts, strict=True)
    ]
    first = ends.index(True) if True in ends else len(ends)
    lost = [share for share, reached in list(zip(tried, ends, strict=True))[first:] if not reached]
    where = [_text(case, share) for share in tried]
    found = words.epsilons(where, first, _text(case, lost[0]) if lost else "")
    return Check(
        name="budget",
        title=title,
        state=_state(bool(lost)),
        found=found,
        advice=_if(
            bool(lost),
            tr("The attack is too weak for large balls: give it more steps and restarts."),
        ),
        figures=tuple(
            (f"at {share:g}", float(end)) for share, end in zip(tried, ends, strict=True)
        ),
    )


def black_box(case: Case, ctx: Context) -> Check:
    """Set an attack that asks for scores alone beside this one."""
    title = tr("No black box is stronger")
    if not case.uses_gradients or not case.epsilon:
        return _idle("black-box", title, budget=case.uses_gradients)
    if case.success:
        return _enough("black-box", title)
    if case.norm != "linf":
        found = tr("Square searches the ball of L∞, and this attack that of another norm.")
        return Check(name="black-box", title=title, state="not run", found=found)
    params = SquareParams(epsilon=case.epsilon, queries=case.params.queries, seed=case.params.seed)
    label, target = case.aim.label, case.aim.target
    image = square(case.network, case.image, label, target, params, Part(ctx))
    failed = bool(case.aim.reached(case.network.logits(image, ctx)))
    found = words.black_box(params.queries, success=failed)
    return Check(
        name="black-box",
        title=title,
        state=_state(failed),
        found=found,
        advice=_if(failed, tr("Believe Square: the gradients of this network mislead the attack.")),
        figures=(("success", float(failed)),),
    )


def unbounded(case: Case, ctx: Context) -> Check:
    """Look whether the attack fails even where it may change everything."""
    title = tr("Without a bound it succeeds")
    if not case.uses_gradients:
        return _idle("unbounded", title)
    if case.success:
        return _enough("unbounded", title)
    free = balls.ball("linf", 1.0, case.network.facts.channels == 1)
    moving, reached = case.image, False
    for step in range(_FREE_STEPS + 1):
        ctx.step(step, _FREE_STEPS + 1)
        uphill, logits = case.network.gradient(moving, case.aim.gain, ctx)
        reached = bool(case.aim.reached(logits))
        if reached or step == _FREE_STEPS:
            break
        moving = free.project(case.image, moving + free.step(uphill, "steepest", _FREE_LENGTH))
    size = float(balls.size("linf", moving - case.image)) * 255
    found = words.unbounded(_FREE_STEPS, size if reached else None)
    return Check(
        name="unbounded",
        title=title,
        state=_state(not reached),
        found=found,
        advice=_if(
            not reached,
            tr(
                "Something is wrong with the gradients: an attack that may paint the whole"
                " picture anew cannot fail."
            ),
        ),
        figures=(("success", float(reached)), ("linf", size)),
    )


QUICK: tuple[Probe, ...] = (gradient, softmax)
"""Those that one gradient answers."""
ALL: tuple[Probe, ...] = (*QUICK, noise, steps, budget, black_box, unbounded)


def _state(failed: bool) -> CheckState:
    return "failed" if failed else "passed"


def _if(failed: bool, advice: str) -> str:
    return advice if failed else ""


def _idle(name: CheckName, title: str, *, budget: bool = False) -> Check:
    """Return a check that says nothing of this attack; ``budget`` is what it lacks."""
    found = tr("This attack asks for no gradient.")
    if budget:
        found = tr("There is no epsilon to compare at: the attack has none, or it is 0.")
    return Check(name=name, title=title, state="not run", found=found)


def _enough(name: CheckName, title: str) -> Check:
    return Check(name=name, title=title, state="passed", found=tr("The attack succeeds as it is."))


def _allowed(case: Case, share: float) -> bool:
    """Tell whether PGD may have so large a ball."""
    spec = next(spec for spec in specs(PgdParams) if spec.name == "epsilon")
    return share * (case.epsilon or 0) <= spec.scaled({"norm": case.norm}).maximum


def _text(case: Case, share: float) -> str:
    epsilon = share * (case.epsilon or 0)
    return fmt.of255(epsilon) if case.norm == "linf" else fmt.epsilon(epsilon)


def _signed(value: float) -> str:
    return f"+{fmt.significant(value)}" if value > 0 else fmt.significant(value)
