"""Gradient ascent on a picture, step by step: it can stop after any step and go on later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.features import canvas as canvases
from cnnviz_gui.core.features import forward, penalties, spectrum
from cnnviz_gui.core.features.canvas import Canvas, MacoCanvas, PixelCanvas
from cnnviz_gui.core.features.objectives import Objective
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.views import Views
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.texts import tr

Watch = Callable[[Tensor], object]
Kind = Literal["cell", "layer", "channel", "class"]
_OTHERS: dict[Kind, str] = {
    "cell": tr("Choose another cell"),
    "layer": tr("Choose another layer"),
    "channel": tr("Choose another channel"),
    "class": tr("Choose another class"),
}
_FAINT = 0.8
"""Share of the pixels that fade; the rest, of which most was asked, is shown as it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """What the pictures are for."""

    layers: tuple[str, ...]
    """That the objective reads."""
    objective: Objective
    pictures: int
    side: int | None
    """Of the views that the network looks at; None for that of the picture itself."""
    of: str
    """In words, for messages: ``channel 5 of blocks.3``."""
    kind: Kind = "channel"
    """What such a thing is: what else may be chosen is another."""
    plain: str = ""
    """The same as ``of``, whether more or less of it is wanted; empty where it is just that."""
    alike: bool = False
    """All pictures begin alike and are looked at alike: each becomes what it would alone."""
    bounded: bool = False
    """What a ReLU6 gives is no more than six, as that of the photograph to compare it with."""


class Ascent:
    """Pictures on their way up.

    Attributes
    ----------
    done
        Steps so far.
    curve
        The objective's value after each step's views, without penalties, mean over the pictures.
    """

    def __init__(
        self,
        classifier: Classifier,
        goal: Goal,
        parameters: FeatureParams,
        photograph: Tensor | None = None,
        magnitude: Tensor | None = None,
        *,
        phases: MacoCanvas | None = None,
        answered: bool = False,
    ) -> None:
        """Prepare the first picture.

        Parameters
        ----------
        photograph
            float32 (1 or N, 3, S, S) in [0, 1].
        magnitude
            Of MACO's spectrum, float32 (1 or 3, n, n // 2 + 1); None for that of natural images.
        phases
            That MACO made the photograph of, if it did: read off it they would not be quite those.
        answered
            An ascent of the same came to the photograph: where nothing in it changes the value,
            that is at its height and not dead.
        """
        self.goal, self.parameters = goal, parameters
        self.done = 0
        self.curve: list[float] = []
        self._generator = torch.Generator().manual_seed(parameters.seed)
        self._photograph = photograph
        self._given_magnitude, self._given_phases = magnitude, phases
        # The network itself is not kept: it may have to leave before the ascent goes on.
        self._device = classifier.device
        self._colours = 1 if classifier.facts.channels == 1 else 3
        self._mean, self._std = _normalisation(classifier, self._colours)
        self._sizes = octaves(parameters)
        self._canvas = self._begun()
        self._optimiser = _optimiser(self._canvas.parameter, parameters)
        self._touched: Tensor | None = None
        self._reacts = torch.full((goal.pictures,), answered, device=self._device)
        self._base: Tensor | None = None
        if parameters.grows:
            self._base = self._canvas.parameter.detach().clone()
        else:  # nothing will be begun with again, and several large pictures take much room
            self._photograph = self._given_phases = None

    def step(self, classifier: Classifier, ctx: Context, watch: Watch | None = None) -> None:
        """Go one step with the network it was begun with, or with another of the same weights.

        Parameters
        ----------
        watch
            Is shown the pictures that the step begins with, float32 (N, 3, H, W) around [0, 1], on
            the device: they are made for the step anyway.

        Raises
        ------
        MethodError
            The goal does not answer to the picture, or with values that are not numbers. Of
            pictures that are alike some may not answer: ``reacts`` tells.
        Cancelled
            ``ctx`` said so; the step counts as not begun.
        """
        p = self.parameters
        before, sharp = self._generator.get_state(), None
        try:
            if self.done and self.done in self._turns():
                self._grow()
            if p.blur and self.done and self.done % p.blur_every == 0:
                # before a step and not after it: what is shown in the end was not just blurred
                sharp = self._blur()
            value, gradient = self._gradient(classifier, ctx, watch)
        except BaseException:
            self._generator.set_state(before)
            if sharp is not None:
                self._canvas.parameter.data.copy_(sharp)
            raise
        self._move(gradient)
        self.curve.append(value)
        self.done += 1
        if isinstance(self._canvas, PixelCanvas):
            self._canvas.bound(p.bound)  # else what climbs is another picture than what is shown

    def picture(self) -> Tensor:
        """Return float32 (N, 3, H, W) in [0, 1], detached, on the CPU."""
        with torch.no_grad():
            return self._canvas.picture().clamp(0, 1).float().cpu().contiguous()

    def answer(self, classifier: Classifier, ctx: Context) -> float:
        """Return what the network itself answers to the pictures as they are, without views."""
        goal = self.goal
        pictures = self.picture().to(self._device)
        seen = _resized(pictures, goal.side or pictures.shape[-1])
        # The objective of several tells them apart by how many views each has.
        several = seen.repeat_interleave(self.parameters.views if goal.pictures > 1 else 1, 0)
        outputs = forward.outputs_of(classifier, several, goal.layers, ctx)
        return float(goal.objective(outputs).mean())

    def phases(self) -> MacoCanvas | None:
        """Return the phases as they are now, for an ascent that goes on from them, or None."""
        now = self._canvas
        return now.again(self.goal.pictures, now.magnitude) if isinstance(now, MacoCanvas) else None

    def opacity(self) -> Tensor | None:
        """Return float32 (N, H, W) in [0, 1]: how much the ascent asked of each pixel, or None."""
        if self._touched is None:
            return None
        touched = canvases.blurred(self._touched[:, None], max(1.0, self.parameters.size / 100))
        whole = touched.flatten(1).quantile(_FAINT, dim=1)[:, None, None, None]
        return (touched / whole.clamp_min(1e-12)).clamp(0, 1)[:, 0].float().cpu()

    @property
    def reacts(self) -> list[bool]:
        """For each picture whether anything in it changed its value so far."""
        return [bool(one) for one in self._reacts.tolist()]

    @property
    def nbytes(self) -> int:
        """Bytes that it holds on to, with what the optimiser keeps of the parameter."""
        holders = [vars(self), vars(self._canvas)]
        if self._optimiser is not None:
            holders += self._optimiser.state.values()
        kept = (value for holder in holders for value in holder.values())
        return sum(value.nbytes for value in kept if isinstance(value, Tensor))

    def _blur(self) -> Tensor | None:
        """Blur the pictures where they are made of pixels; return what they were before."""
        if not isinstance(self._canvas, PixelCanvas):
            return None
        sharp = self._canvas.parameter.detach().clone()
        self._canvas.blur(self.parameters.blur)
        return sharp

    def _gradient(
        self, classifier: Classifier, ctx: Context, watch: Watch | None
    ) -> tuple[float, Tensor]:
        p, parameter = self.parameters, self._canvas.parameter
        with torch.enable_grad():
            picture = self._canvas.picture()
            side = self.goal.side or picture.shape[-1]
            views = self._views().draw(picture, side, self._generator, alike=self.goal.alike)
            seen = views.view_as(views)  # apart from the picture, which the penalties read
            shown: list[Tensor] = []

            def objective(outputs: forward.Outputs) -> Tensor:
                values = self.goal.objective(outputs).reshape(len(picture), -1).mean(1)
                shown.append(values.detach())
                for weight, penalty in (
                    (p.l1, penalties.l1),
                    (p.l2, penalties.l2),
                    (p.variation, penalties.variation),
                ):
                    if weight:
                        values = values - weight * penalty(picture)
                return values

            towards = (parameter, seen, picture) if p.transparent else (parameter, seen)
            _, found = forward.gradient(
                classifier,
                seen,
                self.goal.layers,
                objective,
                towards,
                ctx,
                redirect=self.done < p.redirect,
                bounded=self.goal.bounded,
            )
        gradient = found[0]
        if watch is not None:
            watch(picture.detach())
        if p.transparent:
            asked = found[2].abs().sum(1)
            self._touched = asked if self._touched is None else self._touched + asked
        value = float(shown[0].mean())
        if not gradient.sum().isfinite():
            raise MethodError(
                tr(
                    "The ascent for {goal} left the numbers: its gradient is not finite.",
                    goal=self.goal.of,
                ),
                tr("Choose a smaller rate."),
            )
        if not self._reacts.all():
            self._reacts |= found[1].reshape(len(gradient), -1).any(1)
        if not self.done and not self.goal.alike and not self._reacts.any():
            raise _silent(self.goal, self.parameters)
        return value, gradient

    def _views(self) -> Views:
        p = self.parameters
        return Views(p.views, p.jitter, p.turn, p.stretch, p.nearest, p.farthest, p.noise)

    def _move(self, gradient: Tensor) -> None:
        parameter, rate = self._canvas.parameter, self.parameters.rate
        if self._optimiser is not None:
            parameter.grad = gradient
            self._optimiser.step()
            parameter.grad = None
            return
        if self.parameters.optimiser == "normalised":
            axes = tuple(range(1, gradient.dim()))
            gradient = gradient / gradient.abs().mean(axes, keepdim=True).clamp_min(1e-12)
            if isinstance(self._canvas, PixelCanvas):
                gradient = gradient / self._std  # as long in pixels for every network
        with torch.no_grad():
            parameter.add_(gradient, alpha=rate)

    def _begun(self) -> Canvas:
        """Return the first pictures; those that are to be alike are drawn as one."""
        if not self.goal.alike:
            return self._start(self.goal.pictures)
        first = self._start(1)
        several = first.parameter.detach().expand(self.goal.pictures, *first.parameter.shape[1:])
        first.parameter = several.clone().requires_grad_()
        return first

    def _start(self, pictures: int) -> Canvas:
        p, size = self.parameters, self._sizes[0]
        shape = (pictures, self._colours, size, size)
        given = None
        if p.start == "photograph" and self._photograph is not None:
            given = self._resized(self._photograph, size, pictures)
        if p.parameterisation == "pixel":
            mean, std = self._mean, self._std
            if given is not None:
                return PixelCanvas((given - mean) / std, mean, std)
            return canvases.pixel_noise(shape, mean, std, self._generator, p.start == "grey")
        if p.parameterisation == "maco":
            magnitude = self._magnitude(size)
            before = self._given_phases
            if before is not None and before.parameter.shape[1:-1] == shape[1:-1]:
                return before.again(pictures, magnitude.to(self._device))
            if given is not None:
                return canvases.MacoCanvas.of(given, magnitude)
            return canvases.maco_noise(shape, self._generator, self._device, magnitude)
        if given is not None:
            return canvases.FourierCanvas.of(given, p.decay)
        grey = p.start == "grey"
        return canvases.fourier_noise(shape, p.decay, self._generator, self._device, grey)

    def _magnitude(self, size: int) -> Tensor:
        if self._given_magnitude is None:
            return spectrum.natural_magnitude(size, self._colours)
        return spectrum.resized(self._given_magnitude, size, self._colours)

    def _resized(self, photograph: Tensor, size: int, pictures: int) -> Tensor:
        """Return as many as there are pictures: where there are fewer, over and over."""
        own = photograph.to(self._device)[[each % len(photograph) for each in range(pictures)], :3]
        if self._colours == 1:
            own = own.mean(1, keepdim=True)  # it is grey already
        return _resized(own, size)

    def _turns(self) -> dict[int, int]:
        """Return after which steps the picture grows, and to which octave."""
        each = self.parameters.steps / len(self._sizes)
        return {round(each * octave): octave for octave in range(1, len(self._sizes))}

    def _grow(self) -> None:
        """Go on at the next octave: the detail that was found is laid over the larger start."""
        assert isinstance(self._canvas, PixelCanvas) and self._base is not None
        size = self._sizes[self._turns()[self.done]]
        if self._canvas.parameter.shape[-1] == size:
            return  # done already, by a step that was then cancelled
        detail = self._canvas.parameter.detach() - self._base
        if self.parameters.start == "photograph" and self._photograph is not None:
            larger = self._resized(self._photograph, size, len(detail))
            self._base = (larger - self._mean) / self._std
        else:
            self._base = _resized(self._base, size)
        self._canvas = self._canvas.replace(self._base + _resized(detail, size))
        self._optimiser = _optimiser(self._canvas.parameter, self.parameters)
        self._touched = None


def _normalisation(classifier: Classifier, colours: int) -> tuple[Tensor, Tensor]:
    stock = classifier.stock
    return stock.get_buffer("mean")[:, :colours], stock.get_buffer("std")[:, :colours]


def _silent(goal: Goal, parameters: FeatureParams) -> MethodError:
    """Return what is said where nothing in the first picture changes the value."""
    other, begun = _OTHERS[goal.kind], tr("begin with the photograph")
    if parameters.start == "photograph":
        begun = tr("begin with noise")
    if parameters.redirect:
        advice = tr("{choose_another} or {begin}.", choose_another=other, begin=begun)
    else:
        advice = tr(
            "{choose_another}, {begin} or redirect the first steps.",
            choose_another=other,
            begin=begun,
        )
    return MethodError(
        tr(
            "Nothing in the picture changes {goal}: it does not react.",
            goal=goal.plain or goal.of,
        ),
        advice,
    )


def octaves(parameters: FeatureParams) -> Sequence[int]:
    """Return the sizes that the picture grows through, the last its own; each has a step."""
    if not parameters.grows:
        return (parameters.size,)
    backwards = range(min(parameters.octaves, parameters.steps) - 1, -1, -1)
    return tuple(max(16, round(parameters.size / parameters.growth**k)) for k in backwards)


def _resized(images: Tensor, size: int) -> Tensor:
    if images.shape[-2:] == (size, size):
        return images
    return functional.interpolate(
        images, (size, size), mode="bilinear", antialias=True, align_corners=False
    )


def _optimiser(parameter: Tensor, parameters: FeatureParams) -> torch.optim.Optimizer | None:
    if parameters.optimiser == "adam":
        return torch.optim.Adam([parameter], lr=parameters.rate, maximize=True)
    if parameters.optimiser == "nadam":
        return torch.optim.NAdam([parameter], lr=parameters.rate, maximize=True)
    return None
